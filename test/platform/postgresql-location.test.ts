import {
  type PostgresLocation,
  parsePostgresUrl,
  shownLocation,
} from '../../src/platform/postgresql-location.ts'

const NO_TLS = {
  mode: undefined,
  rootCertificate: undefined,
  certificate: undefined,
  key: undefined,
  keyPassword: undefined,
}
const PLAIN: PostgresLocation = {
  hosts: [{ host: 'h', port: 5432 }],
  user: undefined,
  password: undefined,
  database: 'd',
  schema: undefined,
  tls: NO_TLS,
  suits: 'read-write',
  channelBinding: true,
  options: undefined,
  applicationName: undefined,
  connectTimeoutMs: undefined,
}
const socket = (host: string, port = 5432) => ({ hosts: [{ host, port }] })

it.each<[string, Partial<PostgresLocation>]>([
  ['postgres://h/d', {}],
  ['postgresql://h/d', {}],
  ['postgres://h:6432/d', { hosts: [{ host: 'h', port: 6432 }] }],
  ['postgres://h:/d', {}],
  ['postgres://u:p@h/d', { user: 'u', password: 'p' }],
  ['postgres://u%40x:p%3A%2F%25@h/d%20e', { user: 'u@x', password: 'p:/%', database: 'd e' }],
  ['postgres://u:a:b@h/d', { user: 'u', password: 'a:b' }],
  ['postgres://h?dbname=d&user=u&password=p', { user: 'u', password: 'p' }],
  ['postgres://[::1]:6432/d', { hosts: [{ host: '::1', port: 6432 }] }],
  [
    'postgres://a:1,b,[fe80::1]:3/d',
    {
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 5432 },
        { host: 'fe80::1', port: 3 },
      ],
    },
  ],
  [
    'postgres:///d?host=a,b&port=1,2',
    {
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    },
  ],
  [
    'postgres://a,b/d?port=6432&target_session_attrs=any',
    {
      hosts: [
        { host: 'a', port: 6432 },
        { host: 'b', port: 6432 },
      ],
      suits: 'any',
    },
  ],
  ['postgres:///d?host=/var/run/postgresql', socket('/var/run/postgresql')],
  ['postgres://u@/d?host=%2Frun&port=6432', { ...socket('/run', 6432), user: 'u' }],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/d', socket('/var/run/postgresql')],
  ['postgres://%2Frun:6432/d', socket('/run', 6432)],
  ['postgres://h/d?sslmode=require', { tls: { ...NO_TLS, mode: 'require' } }],
  [
    'postgres://h/d?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&sslpassword=p',
    {
      tls: {
        mode: 'verify-full',
        rootCertificate: '/ca.pem',
        certificate: '/c.pem',
        key: '/k.pem',
        keyPassword: 'p',
      },
    },
  ],
  [
    'postgres://h/d?sslmode=verify-full&sslrootcert=system',
    { tls: { ...NO_TLS, mode: 'verify-full', rootCertificate: 'system' } },
  ],
  ['postgres://h/d?target_session_attrs=primary', { suits: 'primary' }],
  ['postgres://h/d?channel_binding=disable', { channelBinding: false }],
  ['postgres://h/d?schema=passes', { schema: 'passes' }],
  [
    'postgres://h/d?options=-c%20geqo%3Doff&application_name=a',
    { options: '-c geqo=off', applicationName: 'a' },
  ],
  ['postgres://h/d?connect_timeout=3', { connectTimeoutMs: 3000 }],
])('%s is read whole', (url, expected) => {
  expect(parsePostgresUrl(url)).toEqual({ ...PLAIN, ...expected })
})

it.each([
  ['mysql://h/d', /postgres:\/\/user:password@host:port\/database/],
  ['postgres:h/d', /must be of the form/],
  ['postgres://h', /must name a database/],
  ['postgres://h/', /must name a database/],
  ['postgres:///d', /must name a host/],
  ['postgres://h/d#x', /must be of the form/],
  ['postgres://u:p%@h/d', /a % in its password .* write it as %25/],
  ['postgres://u:p@p@h/d', /an @ in its user or password: write it as %40/],
  ['postgres://h:port/d', /a port that is none/],
  ['postgres://h:0/d', /a port that is none/],
  ['postgres://h:65536/d', /a port that is none/],
  ['postgres://::1/d', /IPv6 address stands in brackets/],
  ['postgres://a,/d', /a host that is none/],
  ['postgres:///d?host=a,', /an empty name among its hosts/],
  ['postgres://h/d?host=i', /names its host twice/],
  ['postgres://h:1/d?port=2', /names its port twice/],
  ['postgres://a,b/d?port=1,2,3', /2 hosts and 3 ports/],
  ['postgres://h/d?pgbouncer=true', /the parameter pgbouncer, which is not known. These are: host, port/],
  ['postgres://h/d?sslmode=require&sslmode=disable', /the parameter sslmode twice/],
  ['postgres://h/d?sslmode=', /the parameter sslmode without a value/],
  ['postgres://h/d?sslmode=on', /none of disable, allow, prefer, require, verify-ca, verify-full/],
  ['postgres://h/d?sslmode=verify-ca', /needs sslrootcert, a file/],
  ['postgres://h/d?sslmode=require&sslrootcert=system', /needs sslmode=verify-full/],
  ['postgres://h/d?sslcert=/c.pem', /needs sslcert and sslkey together/],
  ['postgres://h/d?target_session_attrs=standby', /this server writes with each request/],
  ['postgres://h/d?target_session_attrs=best', /none of any, read-write, primary/],
  ['postgres://h/d?channel_binding=require', /cannot be insisted on/],
  ['postgres://h/d?connect_timeout=0', /a connect_timeout that is none/],
  ['postgres://h/d?connect_timeout=soon', /a connect_timeout that is none/],
])('%s is refused', (url, expected) => {
  expect(parsePostgresUrl(url)).toEqual({ fault: expect.stringMatching(expected) })
})

it.each([
  'postgres://u:hidden@h:port/d',
  'postgres://u:hid?den@h/d',
  'postgres://u:hidden%@h/d',
  'postgres://h/d?password=hidden&passwort=hidden',
  'mysql://u:hidden@h/d',
])('no fault repeats what may be a secret: %s', url => {
  expect(JSON.stringify(parsePostgresUrl(url))).not.toMatch(/hidden|den@/)
})

it('is shown without user, password and parameters', () => {
  const location = parsePostgresUrl('postgres://u:p@a,[::1]:1/d?sslmode=require')
  expect('fault' in location ? '' : shownLocation(location)).toBe('a:5432,[::1]:1/d')
})
