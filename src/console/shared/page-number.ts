/** Whether a value of an address is the number of a page; the first is not written there. */
export function isPage(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1
}
