/** The one spelling of an email address that is stored and compared: two spellings of one address are one person. */
export function normalizedEmail(address: string): string {
  return address.trim().normalize('NFC').toLowerCase()
}
