import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'

/**
 * Stands in for `curl` on a machine that has none, with the options of the lines that this project prints to be pasted.
 * Another option ends it with an error, as curl is ended by one that it does not know.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    user: { type: 'string', short: 'u' },
    header: { type: 'string', short: 'H', multiple: true },
    data: { type: 'string', short: 'd', multiple: true },
    config: { type: 'string' },
  },
})
const user = values.config === '-' ? configuredUser(await text(process.stdin)) : values.user
const body = values.data?.join('&')
const headers = new Headers(values.header?.map(headerOf))
if (user !== undefined) headers.set('Authorization', `Basic ${btoa(user)}`)
if (body !== undefined && !headers.has('Content-Type'))
  headers.set('Content-Type', 'application/x-www-form-urlencoded')
const method = body === undefined ? 'GET' : 'POST'
const answer = await fetch(String(positionals[0]), { method, headers, body: body ?? null })
process.stdout.write(await answer.text())

function configuredUser(config: string): string | undefined {
  return /^user = "(.*)"$/m.exec(config)?.[1]
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}
