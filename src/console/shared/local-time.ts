/** An instant as `<input type="datetime-local">` shows it, in the reader's time zone. @param iso undefined: empty */
export function toLocalInput(iso: string | undefined): string {
  if (iso === undefined) return ''
  const instant = new Date(iso)
  const local = new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** What such an input holds as ISO 8601 in UTC; undefined when it is empty or half typed. */
export function fromLocalInput(value: string): string | undefined {
  const instant = new Date(value)
  return value === '' || Number.isNaN(instant.getTime()) ? undefined : instant.toISOString()
}
