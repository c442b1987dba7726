import { Agent, request } from 'node:http'
import fc from 'fast-check'
import { currentBackend } from '../support/backend.ts'

const SEED = 20_300_115

/** How a property is tried: always the same, and on the embedded database, which takes long, half as often. */
export function tries(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  return { seed: SEED, numRuns: currentBackend() === 'pglite' ? Math.ceil(numRuns / 2) : numRuns }
}

const agent = new Agent({ keepAlive: true })

/** A request as its bytes go out, without the help of a client that would refuse or mend them. */
export interface RawRequest {
  readonly method: string
  /** Path and query, encoded or not, as they are to be sent. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

export function sendRaw(base: string, { method, target, headers, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const framed = body.length > 0 ? { ...headers, 'Content-Length': body.length } : headers
    const sent = request({ agent, host: hostname, port, method, path: target, headers: framed }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Whether Node.js itself takes so long a head; beyond 16 KiB it answers 431 before any of the server's code runs. */
export function isHeadReadable({ target, headers }: RawRequest): boolean {
  return target.length + JSON.stringify(headers).length < 14_000
}

/** Sends it and expects what holds of every answer: it is no 5xx, and it has an id by which to find it in the log. */
export async function sendHostile(base: string, request: RawRequest): Promise<RawAnswer> {
  const answer = await sendRaw(base, request)
  expect(answer.status).toBeGreaterThanOrEqual(200)
  expect([answer.status, answer.status < 500 ? '' : answer.text]).toEqual([answer.status, ''])
  expect(answer.headers['x-request-id']).toMatch(/^[A-Za-z0-9._:-]{1,128}$/)
  return answer
}

/** Closes the connections that `sendRaw` kept. */
export function closeRaw(): void {
  agent.destroy()
}

const NUL = String.fromCharCode(0)
const LONE_SURROGATE = String.fromCharCode(0xd800)

/** Text that is well enough for a naive check and that a database does not store. */
const poison = fc.constantFrom(NUL, `a${NUL}b`, `${NUL}${NUL}`, LONE_SURROGATE, `x${LONE_SURROGATE}y`)

/** Text that has broken servers. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: poison },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        '',
        ' ',
        NUL,
        `a${NUL}b`,
        LONE_SURROGATE,
        `x${LONE_SURROGATE}`,
        '\u{10ffff}',
        '\ufeff',
        '\u202eabc',
      ],
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', 'Infinity'],
      ...['-1', '0', '1e9', '99999999999999999999', '9007199254740993', '0x10', '1.5', '-0', '１２', 'true'],
      ...["'; drop table passes; --", '%', '%%', '\\', '\\u0000', '{{7*7}}', '../../etc/passwd'],
      ...[
        'a'.repeat(99),
        'a'.repeat(2_001),
        'é'.repeat(2_500),
        '😀'.repeat(60),
        ','.repeat(500),
        '* '.repeat(200),
      ],
      ...['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'SP-0000-AAAAAA'],
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['0000-01-01', '0000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z'],
      ...[
        '1970-01-01',
        '1970-01-01T00:00:00+14:00',
        '2030-02-30',
        '2030-01-15T24:00:00Z',
        '2030-01-15T10:20:30',
      ],
      ...['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59-23:59', '+010000-01-01T00:00:00Z', '275760-09-13'],
      ...['2030-01-15', '2030-01-15T10:20:30.123456789Z', '2030-W03', '20300115', 'now', 'infinity'],
    ),
  },
)

/** The text of a JSON value, which `JSON.stringify` could not all write. */
export const hostileJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      ...[
        'null',
        'true',
        'false',
        '0',
        '-0',
        '-1',
        '1.5',
        '1e999',
        '-1e999',
        '9007199254740993',
        '2147483648',
      ],
      ...['[]', '{}', '[null]', '[[]]', '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":1}}'],
      ...[
        '"\\u0000"',
        '"\\ud800"',
        '"\\udfff\\ud800"',
        '["\\u0000"]',
        '["read","read"]',
        '"read write,admin"',
      ],
      ...['['.repeat(5_000) + ']'.repeat(5_000), `[${'"a",'.repeat(150)}"b"]`, `"${'x'.repeat(3_000)}"`],
    ),
    hostileText.map(text => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 3 }).map(items => `[${items.join(',')}]`),
    fc.array(fc.tuple(hostileText, tie('value')), { maxLength: 3 }).map(members => jsonObject(members)),
  ),
})).value

/** The text of a JSON object; a name may come twice. */
export function jsonObject(members: readonly (readonly [name: string, value: string])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

/** Bytes that are no JSON. */
export const brokenBody: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...[
        '{',
        '{"sentinelPass":',
        '[1,]',
        "{'a':1}",
        'NaN',
        '\ufeff{}',
        '{}{}',
        '"',
        '\\',
        'null',
        '0',
        '""',
        '[]',
      ],
    )
    .map(text => Buffer.from(text)),
  fc.constantFrom(
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.from('{"sentinelPass":{"title":"\xff\xfe"}}', 'latin1'),
    Buffer.from([0x1f, 0x8b, 0x08, 0x00]),
    Buffer.alloc(300 * 1024, 0x20),
    Buffer.alloc(60 * 1024, 0x5b),
  ),
)

/** A path segment that is sent as it is. */
export const hostileSegment = fc.oneof(
  fc.constantFrom(
    ...['%00', '%ff', '%zz', '%', '%c0%af', '..', '%2e%2e', '%2F', '.', '*', '~', '__proto__', 'constructor'],
    ...[
      'SP-2030-A1B2C3',
      'SP-2030-a1b2c3',
      'SP-0000-000000',
      '0',
      '-1',
      '%7B%7D',
      'a'.repeat(2_000),
      ';a=b',
      ':id',
    ],
    ...[
      '00000000-0000-0000-0000-000000000000',
      'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
      '%EF%BC%91',
      'a%0d%0ab',
    ],
  ),
  hostileText.map(text => encodeURIComponent(text.toWellFormed())),
)

/** Pairs as a query string or a form, each encoded or nearly so. */
export function pairs(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const encoded = fc
    .tuple(name, value)
    .map(([left, right]) => new URLSearchParams([[left, right]]).toString())
  const raw = fc.constantFrom(
    ...[
      'a=%zz',
      '%=1',
      '=',
      '&&',
      'a[b]=c',
      'scope[]=x',
      'page=%00',
      'tags=%ff%fe',
      '__proto__=1',
      'token',
      'x=%',
    ],
  )
  return fc
    .array(fc.oneof({ weight: 8, arbitrary: encoded }, { weight: 1, arbitrary: raw }), { maxLength: 2 })
    .map(list => list.join('&'))
}

const latin1 = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map(code => String.fromCharCode(code)),
    maxLength: 60,
  })
  .map(text => text.replaceAll('\x7f', ''))

/** Headers that a server reads, with values that it does not expect. */
export const hostileHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    ...['X-Request-Id', 'X-Forwarded-For', 'X-Forwarded-Proto', 'User-Agent', 'Referer', 'Origin', 'Accept'],
    ...[
      'Accept-Encoding',
      'Accept-Language',
      'If-Match',
      'If-None-Match',
      'If-Modified-Since',
      'Range',
      'Cookie',
    ],
    ...['Content-Encoding', 'DPoP', 'X-HTTP-Method-Override', 'Forwarded', 'Host'],
  ),
  fc.oneof(
    latin1,
    fc.constantFrom('', '*', 'gzip', 'bytes=0-0', 'a'.repeat(3_000), '127.0.0.1, ::1', '"', 'null'),
  ),
  { maxKeys: 3 },
)

export const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '',
        'text/plain',
        'application/json; charset=utf-16',
        'application/json;;;',
        'application/problem+json',
      ],
      ...[
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'nonsense',
        '/',
        'a/b; c="',
      ],
    ),
  },
)
