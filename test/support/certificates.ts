/** A client's certificate, as `openssl req -x509` made it; its key is nowhere, since no proxy hands it on. */
export interface TestCertificate {
  readonly base64: string
  /** `x5t#S256`, by `openssl dgst -sha256`. */
  readonly thumbprint: string
  /** `Client-Cert` as RFC 9440 has it. */
  readonly header: { readonly 'Client-Cert': string }
}

/** P-256. */
export const AGENT_CERTIFICATE = certificate(
  'MIIBdTCCARugAwIBAgIUAwiXODVYbePqXj1LVbh+kRUlx6owCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFYWdlbnQwHhcNMjYxMTIxMjAzNTQ4WhcNMzYxMTE4MjAzNTQ4WjAQMQ4wDAYDVQQDDAVhZ2VudDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHUDA4m4yg+3VwJqNEyvncjJPVrqujq4smyTzgOlHLBs4Kd2b2QfPvWBcQYrjQmp/ttyB+OZDStJ5YKVfUkR+VyjUzBRMB0GA1UdDgQWBBTTawFOK0fpJqEC6HtxlO+6OkymhjAfBgNVHSMEGDAWgBTTawFOK0fpJqEC6HtxlO+6OkymhjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCgyVPP6k82E3rFTbehZsIAT9wUgcb2TSAtjc1W64th3QIgDOpGw7mRT/NpjaLBjG/dfu1ebnLt2b8dQXaNsr3wQHU=',
  'zrqK5AE5lxk-LLRo68XQ3cQdeAqhqUMgVX4dG1oTIQ4',
)

/** Ed25519. */
export const OTHER_CERTIFICATE = certificate(
  'MIIBNDCB56ADAgECAhRYSM2LOVW/ghhfETa5lnK+vF82RTAFBgMrZXAwEDEOMAwGA1UEAwwFb3RoZXIwHhcNMjYxMTIxMjAzNTQ4WhcNMzYxMTE4MjAzNTQ4WjAQMQ4wDAYDVQQDDAVvdGhlcjAqMAUGAytlcAMhALttIEM2epV3eqMgSyWFljCZ1rGg6vo5hLScnM0colXlo1MwUTAdBgNVHQ4EFgQUTef8ldsso3PPXBs+GLc9URZDawQwHwYDVR0jBBgwFoAUTef8ldsso3PPXBs+GLc9URZDawQwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQCSTfeP4ZEtTHMrXb4eoeYGbs0zAFpt4uvao6uiEeXp4eyy2Ev1nsAoQOdgImtukg6HnFL01D3ZWh2zfUF17iYA',
  'dFgl5P-o1oVy8gVI0JdBWYM8Po1Nvb83XBY4sH3QmeY',
)

function certificate(base64: string, thumbprint: string): TestCertificate {
  return { base64, thumbprint, header: { 'Client-Cert': `:${base64}:` } }
}

/** A certificate as nginx writes it: `$ssl_client_escaped_cert`. */
export function escapedPem({ base64 }: TestCertificate): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return encodeURIComponent(
    ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  )
}
