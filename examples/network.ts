import { isIPv6 } from "node:net";

/**
 * What to count attempts by: an IPv4 address, or the first half of an IPv6 address, which is what one
 * subscriber gets. Behind a proxy, `req.ip` needs Express's "trust proxy" setting.
 */
export function network(ip = ""): string {
  const address = ip.replace(/^::ffff:(?=\d+\.)/, ""); // IPv4 on a socket of both kinds
  if (!isIPv6(address)) return address;
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = head.split(":").filter(Boolean);
  const zeros = 8 - groups.length - tail.split(":").filter(Boolean).length;
  return [...groups, ...Array<string>(zeros).fill("0"), ...tail.split(":")].slice(0, 4).join(":");
}
