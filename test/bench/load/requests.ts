/** A client and its secret, as a pass or as another server has them. */
export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

/** The bytes of a form that is sent; the load sends the same ones again and again. */
export function formRequest(path: string, headers: Readonly<Record<string, string>>, form: string): Buffer {
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(form)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${form}`, 'latin1')
}

/** `client_secret_basic` (RFC 6749 section 2.3.1); nothing of these credentials needs the encoding of a form. */
export function basic({ clientId, clientSecret }: Credentials): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` }
}

/** A request for a token (RFC 6749 section 4.4.2). @param resource that it is for (RFC 8707) */
export function grantRequest(path: string, client: Credentials, resource?: string): Buffer {
  const target = resource === undefined ? '' : `&resource=${encodeURIComponent(resource)}`
  return formRequest(path, basic(client), `grant_type=client_credentials&scope=read${target}`)
}

/** A request about a token (RFC 7662 section 2.1). @param headers that prove who asks */
export function introspectionRequest(
  path: string,
  headers: Readonly<Record<string, string>>,
  token: string,
): Buffer {
  return formRequest(path, headers, `token=${token}`)
}
