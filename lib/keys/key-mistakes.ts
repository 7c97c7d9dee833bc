type Mistakes = readonly (readonly [form: RegExp, fix: string])[];

/** Both contain an identifier of PKCS, 1.2.840.113549.1. */
export const DER_MISTAKES: Mistakes = [
  [
    /^0(?:\x81[^]|\x82[^]{2})0[^]{3}\*\x86H\x86\xf7\r/,
    "is an encrypted private key in DER: convert it to PEM and pass { key, passphrase }",
  ],
  [
    /^0(?:\x81[^]|\x82[^]{2})[^]{3}0[^]{4,5}\*\x86H\x86\xf7\r/,
    "is a PKCS#12 file: convert it to PEM with openssl pkcs12 -in FILE",
  ],
];

/** Forms in which keys are given by mistake, and what to do. */
const MISTAKES: Mistakes = [
  ...DER_MISTAKES,
  [/^\s*$/, "is empty: is the environment variable set?"],
  [/^(?:\xef\xbb\xbf)?\s*[{[]/, "is a JWK as text: pass the object, JSON.parse(value)"],
  [
    /^\s*(?:e[wy]|W3s)[\w+/-]{30,}[\w+/=\s-]*$/,
    'is a JWK in base64: pass the object, JSON.parse(Buffer.from(value, "base64"))',
  ],
  [
    /^\s*(?:0x)?(?:2d:?2d:?2d|30:?(?:82:?..:?..|81:?..|[2-7].):?(?:30:?[0-2].|02:?(?:01|8[12])))[\da-f:\s]+$/i,
    'is a key in hex: pass its bytes, Buffer.from(digits, "hex")',
  ],
  [
    /BEGIN [^]*\\r\\n/,
    String.raw`is a PEM with \r\n for its line breaks: use value.replaceAll("\\r\\n", "\n")`,
  ],
  [
    /BEGIN [^]*\\n/,
    String.raw`is a PEM with \n for its line breaks: use value.replaceAll("\\n", "\n")`,
  ],
  [
    /BEGIN [^\n]*\r(?!\n)/,
    String.raw`is a PEM with \r for its line breaks: use value.replaceAll("\r", "\n")`,
  ],
  [
    /BEGIN [^]*\n[ \t]+\S/,
    String.raw`is a PEM with indented lines: use value.replaceAll(/^[ \t]+/gm, "")`,
  ],
  [
    /-----BEGIN [A-Z0-9 ]+-----[ \t]*[\w+/]/,
    "is a PEM without its line breaks: keep them (in a shell, quote the variable), or pass base64 of the PEM",
  ],
  [/B\0E\0G\0I\0N/, "is a PEM in UTF-16: save the file in UTF-8"],
  [
    /BEGIN OPENSSH PRIVATE KEY/,
    "is a private key in OpenSSH's format: convert a copy with ssh-keygen -p -m PKCS8 -f FILE",
  ],
  [
    /^\s*(?:ssh-|ecdsa-sha2-)|BEGIN SSH2 PUBLIC KEY/,
    "is a public key in SSH's format: convert it with ssh-keygen -e -m PKCS8 -f FILE",
  ],
  [/^\s*PuTTY-User-Key-File/, "is a key in PuTTY's format: convert it to PEM"],
  [/BEGIN PGP /, "is an OpenPGP key: pass a key in PEM, DER or JWK form"],
  [
    /BEGIN (?:NEW )?CERTIFICATE REQUEST/,
    "is a certificate request: pass the key or the certificate",
  ],
  [/^\s*<(?:\?xml|\w+KeyValue)/, "is a key in XML: convert it to PEM"],
  [/^\s*https?:/, "is a URL: pass the key, or remoteJwks(url) as publicKey to fetch it"],
  [
    /^(?:file:|~\/|[A-Za-z]:\\|(?=\.{0,2}\/|.{1,40}$)(?:[\w. \x80-\xff-]*[/\\])+[\w. \x80-\xff-]+$)|^[^\n]*\.(?:pem|key|pub|crt|cer|der|json|jwks?|p8|p12|pfx)$/i,
    'is the path of a file: pass its contents, readFileSync(path, "utf8")',
  ],
];

/** The error for a value, text or bytes in latin1, that is not a key; `undefined` if its form is unknown. */
export function findMistake(
  option: string,
  text: string,
  mistakes: Mistakes = MISTAKES,
): TypeError | undefined {
  const mistake = mistakes.find(([form]) => form.test(text));
  return mistake && new TypeError(`${option} ${mistake[1]}`);
}
