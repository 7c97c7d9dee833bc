/** A file of a form: of a `FormData`, or what is known of it here. */
interface FormFile {
  readonly name: string | undefined;
  readonly size: number;
}

type FormField = readonly [name: string, value: string | FormFile];

/**
 * Reads the fields of a multipart form (RFC 7578), `undefined` if it is malformed. Node.js would refuse
 * what is valid: a name without quotes, as .NET writes it, and text before and after the form. Names
 * and values are UTF-8 (section 5.1.2), whatever the parts say.
 */
export function parseMultipart(
  content: string | Uint8Array,
  contentType: string,
): readonly FormField[] | undefined {
  const parameters = parseParameters("multipart/form-data", contentType);
  const boundary = parameters?.get("boundary") ?? "";
  if (boundary === "" || boundary.length > MAX_BOUNDARY_LENGTH) return undefined;
  // The line break before a delimiter belongs to it (RFC 2046 section 5.1.1).
  const text = `\r\n${Buffer.from(content).toString("latin1")}`;
  const [, ...parts] = text.split(`\r\n--${boundary}`);
  const end = parts.findIndex((part) => part.startsWith("--"));
  if (!END.test(parts[end] ?? "")) return undefined;
  const fields = parts.slice(0, end).map(parsePart);
  return fields.every((field) => field !== undefined) ? fields : undefined;
}

/** RFC 2046 section 5.1.1. */
const MAX_BOUNDARY_LENGTH = 70;
/** The rest of the last delimiter's line. What follows is ignored (RFC 2046 section 5.1.1). */
const END = /^--[ \t]*(?:\r\n|$)/;

function parsePart(part: string): FormField | undefined {
  const headerEnd = part.indexOf("\r\n\r\n");
  if (headerEnd === -1) return undefined;
  const [rest, ...headers] = part.slice(0, headerEnd).split("\r\n");
  if (rest !== "" || !headers.every((header) => HEADER.test(header))) return undefined;
  const [disposition = "", ...others] = headers.filter((header) => DISPOSITION.test(header));
  const parameters = parseParameters("form-data", disposition.replace(DISPOSITION, ""));
  if (parameters === undefined || others.length > 0) return undefined;
  const name = parameters.get("name");
  // Parsers choose differently among two names.
  if (name === undefined || parameters.has("name*")) return undefined;
  const value = part.slice(headerEnd + 4);
  const isFile = parameters.has("filename") || parameters.has("filename*");
  return [
    fromUtf8(name),
    isFile ? { name: parameters.get("filename"), size: value.length } : fromUtf8(value),
  ];
}

/** A field of a part's header, without folding. */
const HEADER = /^[\w!#$%&'*+.^`|~-]+:[\t -~\x80-\xff]*$/;
const DISPOSITION = /^content-disposition:[ \t]*/i;

/**
 * Parameters are a token or a quoted string; a boundary without quotes may contain more. Sticky, because
 * a search in a run of blanks would take quadratic time.
 */
const PARAMETER = /[ \t]*;[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([!#-:<-~]+))/gy;
const PARAMETERS = new RegExp(`^(?:${PARAMETER.source})*[ \\t]*$`);

/** Reads the parameters of a header's value that must be this one; `undefined` if it is not, or repeats one. */
function parseParameters(value: string, header: string): ReadonlyMap<string, string> | undefined {
  const rest = header.slice(value.length);
  const isValue = header.slice(0, value.length).toLowerCase() === value;
  if (!isValue || !PARAMETERS.test(rest)) return undefined;
  const found = [...rest.matchAll(PARAMETER)];
  const parameters = new Map(
    found.map(([, name, quoted, unquoted = ""]) => [
      String(name).toLowerCase(),
      quoted?.replaceAll(/\\(["\\])/g, "$1") ?? unquoted,
    ]),
  );
  return parameters.size === found.length ? parameters : undefined;
}

function fromUtf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString();
}
