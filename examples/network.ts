import { isIPv6 } from "node:net";

/**
 * The key for counting attempts: an IPv4 address, or the first half of an IPv6 address, because a
 * subscriber gets a whole /64 network. Behind a proxy, `req.ip` requires Express's "trust proxy" setting.
 */
export function network(ip = ""): string {
  const address = ip.replace(/^::ffff:(?=\d+\.)/, ""); // IPv4 on a dual-stack socket
  if (!isIPv6(address)) return address;
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = head.split(":").filter(Boolean);
  const zeros = 8 - groups.length - tail.split(":").filter(Boolean).length;
  return [...groups, ...Array<string>(zeros).fill("0"), ...tail.split(":")].slice(0, 4).join(":");
}
