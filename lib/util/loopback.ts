/** Whether a URL's hostname names this machine, where browsers and this package accept plain HTTP. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
