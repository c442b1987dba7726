/** What binds a token to a certificate (RFC 8705 section 3.1), for a JWT and for introspection. */
export interface Confirmation {
  readonly cnf?: { readonly 'x5t#S256': string }
}

/** @param certificate the SHA-256 thumbprint; undefined for a token that anybody may use who holds it */
export function confirmationOf(certificate: string | undefined): Confirmation {
  return certificate === undefined ? {} : { cnf: { 'x5t#S256': certificate } }
}
