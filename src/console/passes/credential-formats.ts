import type { Credentials } from '../api/passes.ts'

/** As a secrets manager or a configuration file takes them. */
export function asJson({ clientId, clientSecret, agentUserId, apiBaseUrl }: Credentials): string {
  return JSON.stringify({ clientId, clientSecret, agentUserId, apiBaseUrl }, null, 2)
}

/**
 * As a shell or a CI environment takes them, under the names that agents of Traylinx read; a pass with keys has no
 * secret to export.
 */
export function asShellExports({ clientId, clientSecret, agentUserId, apiBaseUrl }: Credentials): string {
  const variables = {
    TRAYLINX_CLIENT_ID: clientId,
    TRAYLINX_CLIENT_SECRET: clientSecret,
    TRAYLINX_API_BASE_URL: apiBaseUrl,
    TRAYLINX_AGENT_USER_ID: agentUserId,
  }
  return Object.entries(variables)
    .flatMap(([name, value]) => (value === null ? [] : [`export ${name}=${quoted(value)}`]))
    .join('\n')
}

/**
 * A line that fetches a token (`client_secret_basic`). The secret goes to curl by its standard input: arguments of a
 * program can be read by every user of the machine, and printf is part of the shell itself.
 */
export function asCurl(clientId: string, clientSecret: string, apiBaseUrl: string): string {
  return [
    `printf 'user = "%s:%s"' ${quoted(clientId)} ${quoted(clientSecret)}`,
    `curl --silent --show-error --config - --data grant_type=client_credentials ${quoted(`${apiBaseUrl}/oauth/token`)}`,
  ].join(' | ')
}

/** A word of a POSIX shell. Between double quotes `$`, `` ` ``, `\` and `!` would mean something. */
function quoted(value: string): string {
  return /^[\w.:/-]+$/.test(value) ? `"${value}"` : `'${value.replaceAll("'", "'\\''")}'`
}
