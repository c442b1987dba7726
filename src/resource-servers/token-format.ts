/** What the tokens of a pass, or those for a resource server, are: looked up, or signed documents (RFC 9068). */
export const TOKEN_FORMATS = ['opaque', 'jwt'] as const
export type TokenFormat = (typeof TOKEN_FORMATS)[number]
