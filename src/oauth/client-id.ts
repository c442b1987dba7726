const CLIENT_ID = /^sp_[0-9A-Za-z]{22}$/

/** Whether a value has the form of a client id. One that has not may be a secret in the wrong place: it is kept nowhere. */
export function isClientId(value: string): boolean {
  return CLIENT_ID.test(value)
}
