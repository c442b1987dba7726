/**
 * A password as the OpaqueString profile prepares it (RFC 8265 section 4.2.2): one kind of space, and characters composed
 * (NFC), so that it is the same one on whichever keyboard it is typed.
 */
export function opaqueString(password: string): string {
  return password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')
}
