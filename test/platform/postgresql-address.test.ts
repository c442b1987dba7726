import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { EX_CONFIG, EX_TEMPFAIL, OperatorError } from '../../src/platform/errors.ts'
import { type Authority, createAuthority } from '../support/authority.ts'
import { logger } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import { noPostgresServer, type PostgresServer, startPostgres } from '../support/postgresql.ts'
import { freePort } from '../support/process.ts'

/** What a connection by an address is. */
interface Session {
  readonly tls: boolean
  readonly user: string
  readonly application: string
  readonly port: number
  readonly geqo: string
}

async function sessionBy(url: string): Promise<Session> {
  const database = await Database.open({ url }, entities, logger, { connections: 5 })
  try {
    const [session] = await database.query<Session>(
      `select (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as tls, current_user::text as "user",
         current_setting('application_name') as application, current_setting('port')::int as port,
         current_setting('geqo') as geqo`,
    )
    if (!session) throw new Error('PostgreSQL answered without a row')
    return session
  } finally {
    await database.close()
  }
}

const usesTls = async (url: string) => (await sessionBy(url)).tls

async function refusalOf(url: string): Promise<OperatorError> {
  const refused = await sessionBy(url).catch((error: unknown) => error)
  if (refused instanceof OperatorError) return refused
  throw new Error(`not refused: ${JSON.stringify(refused)}`)
}

describeUnless(noPostgresServer() ?? notOnPath('openssl'), 'TLS to PostgreSQL', () => {
  let authority: Authority
  let stranger: Authority
  let server: PostgresServer
  let roots: Record<'own' | 'stranger', string>
  let client: string
  beforeAll(async () => {
    authority = await createAuthority('Own')
    stranger = await createAuthority('Stranger')
    server = await startPostgres({
      hba: [
        'hostssl all certified all cert',
        'hostnossl all only_tls all reject',
        'hostssl all only_plain all reject',
        'hostnossl all certified all reject',
      ],
    })
    await server.run('create role certified login; create role only_tls login; create role only_plain login')
    await server.stop('SIGINT')
    const issued = await authority.issue('localhost', 'DNS:localhost')
    const [certificate, key] = [server.keep('cert', issued.certificate), server.keep('key', issued.key)]
    const root = server.keep('root', authority.certificate)
    const files = { ssl_cert_file: certificate, ssl_key_file: key, ssl_ca_file: root }
    const settings = Object.entries({ ssl: 'on', ...files }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    await server.start(settings)
    roots = { own: join(server.folder, 'own.pem'), stranger: join(server.folder, 'stranger.pem') }
    writeFileSync(roots.own, authority.certificate)
    writeFileSync(roots.stranger, stranger.certificate)
    const agent = await authority.issue('certified')
    writeFileSync(join(server.folder, 'agent.pem'), agent.certificate)
    writeFileSync(join(server.folder, 'agent.key'), agent.key)
    client = `sslcert=${join(server.folder, 'agent.pem')}&sslkey=${join(server.folder, 'agent.key')}`
  })
  afterAll(async () => {
    await server.remove()
    await Promise.all([authority.remove(), stranger.remove()])
  })

  it.each([
    ['disable', false],
    ['allow', false],
    ['prefer', true],
    ['require', true],
  ])('with sslmode=%s is used: %s', async (mode, used) => {
    expect(await usesTls(server.url(`sslmode=${mode}`))).toBe(used)
  })

  it('is not used on this machine where the address says nothing of it', async () => {
    expect(await usesTls(server.url())).toBe(false)
  })

  it('is used by who is let in with it alone, and left by who is let in without it alone', async () => {
    expect(await usesTls(server.url('sslmode=allow', 'localhost', 'only_tls'))).toBe(true)
    expect(await usesTls(server.url('sslmode=prefer', 'localhost', 'only_plain'))).toBe(false)
    expect((await refusalOf(server.url('sslmode=disable', 'localhost', 'only_tls'))).exitCode).toBe(
      EX_TEMPFAIL,
    )
    expect((await refusalOf(server.url('sslmode=require', 'localhost', 'only_plain'))).exitCode).toBe(
      EX_TEMPFAIL,
    )
  })

  it('with sslmode=verify-ca wants somebody who vouches for the server, by whatever name', async () => {
    expect(await usesTls(server.url(`sslmode=verify-ca&sslrootcert=${roots.own}`))).toBe(true)
    const refused = await refusalOf(server.url(`sslmode=verify-ca&sslrootcert=${roots.stranger}`))
    expect([refused.exitCode, refused.message]).toEqual([EX_TEMPFAIL, expect.stringContaining('certificate')])
  })

  it('with sslmode=verify-full wants the name as well', async () => {
    const full = `sslmode=verify-full&sslrootcert=${roots.own}`
    expect(await usesTls(server.url(full, 'localhost'))).toBe(true)
    expect((await refusalOf(server.url(full, '127.0.0.1'))).message).toContain('127.0.0.1')
    expect((await refusalOf(server.url('sslmode=verify-full', 'localhost'))).message).toContain('certificate')
  })

  it('with sslmode=require is verified where somebody is named who vouches', async () => {
    expect(await usesTls(server.url(`sslmode=require&sslrootcert=${roots.own}`))).toBe(true)
    expect((await refusalOf(server.url(`sslmode=require&sslrootcert=${roots.stranger}`))).exitCode).toBe(
      EX_TEMPFAIL,
    )
  })

  it('shows the certificate of sslcert and sslkey', async () => {
    const url = server.url(`sslmode=require&${client}`, 'localhost', 'certified')
    expect(await sessionBy(url)).toMatchObject({ tls: true, user: 'certified' })
    const without = await refusalOf(server.url('sslmode=require', 'localhost', 'certified'))
    expect(without.message).toContain('certificate')
  })

  it('of which a file cannot be read keeps the server from starting, with 78', async () => {
    const refused = await refusalOf(server.url('sslmode=verify-ca&sslrootcert=/nowhere.pem'))
    expect([refused.exitCode, refused.message]).toEqual([
      EX_CONFIG,
      expect.stringMatching(/^DATABASE_URL: sslrootcert cannot be read: ENOENT/),
    ])
  })

  it('that the server does not speak is done without by sslmode=prefer, and insisted on by require', async () => {
    const plain = await startPostgres()
    try {
      expect(await usesTls(plain.url('sslmode=prefer'))).toBe(false)
      const refused = await refusalOf(plain.url('sslmode=require'))
      expect([refused.exitCode, refused.message]).toEqual([
        EX_TEMPFAIL,
        expect.stringContaining('does not support SSL'),
      ])
    } finally {
      await plain.remove()
    }
  })
})

describeUnless(noPostgresServer(), 'an address of PostgreSQL', () => {
  let server: PostgresServer
  let closed: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    closed = await startPostgres({ settings: ['-c', 'default_transaction_read_only=on'] })
  })
  afterAll(() => Promise.all([server.remove(), closed.remove()]))

  it('can be a Unix socket, in both forms', async () => {
    const folder = encodeURIComponent(server.folder)
    const { port } = server
    for (const url of [
      `postgres://postgres@/postgres?host=${server.folder}&port=${port}`,
      `postgres://postgres@${folder}:${port}/postgres`,
      // There, TLS is nobody's concern.
      `postgres://postgres@${folder}:${port}/postgres?sslmode=require`,
    ])
      expect(await sessionBy(url)).toMatchObject({ tls: false, port })
  })

  it('sets options and application_name of the session', async () => {
    expect(await sessionBy(server.url())).toMatchObject({ application: 'sentinel-pass', geqo: 'on' })
    const url = server.url('options=-c%20geqo%3Doff&application_name=left')
    expect(await sessionBy(url)).toMatchObject({ application: 'left', geqo: 'off' })
  })

  it('of several hosts goes past one that is dead, and past one that does not answer within connect_timeout', async () => {
    const deadPort = await freePort()
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address: AddressInfo | string | null = silent.address()
    const silentPort = typeof address === 'object' ? address?.port : undefined
    try {
      for (const port of [deadPort, silentPort]) {
        const hosts = `127.0.0.1:${port},127.0.0.1:${server.port}`
        const session = await sessionBy(`postgres://postgres@${hosts}/postgres?connect_timeout=1`)
        expect(session.port).toBe(server.port)
      }
    } finally {
      silent.close()
    }
  })

  it('of several hosts takes the first that takes writes, and with target_session_attrs=any the first', async () => {
    const hosts = `127.0.0.1:${closed.port},127.0.0.1:${server.port}`
    const by = (query: string) => sessionBy(`postgres://postgres@${hosts}/postgres${query}`)
    expect((await by('')).port).toBe(server.port)
    expect((await by('?target_session_attrs=read-write')).port).toBe(server.port)
    expect((await by('?target_session_attrs=any')).port).toBe(closed.port)
    expect((await by('?target_session_attrs=primary')).port).toBe(closed.port)
    const refused = await refusalOf(closed.url('target_session_attrs=read-write'))
    expect([refused.exitCode, refused.message]).toEqual([
      EX_TEMPFAIL,
      expect.stringContaining('takes no writes, and target_session_attrs=read-write asks for it'),
    ])
  })
})
