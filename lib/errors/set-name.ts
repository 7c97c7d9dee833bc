/** Names the errors of a class. Defines the property: an assignment throws if the app has frozen `Error.prototype`. */
export function setName(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, "name", {
    value: name,
    configurable: true,
    writable: true,
  });
}
