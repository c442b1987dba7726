export type CredentialType = 'a'
export type Jwks = { keys: object[] }
export type TokenFormat = 'opaque'
export type UsageType = 'x'
