import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')

const service = z.looseObject({
  image: z.string().optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  tmpfs: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  environment: z.record(z.string(), z.string()),
  command: z.array(z.string()).optional(),
})
const compose = z
  .looseObject({
    services: z.object({ server: service, postgres: service, redis: service }),
    networks: z.record(z.string(), z.object({ internal: z.boolean() })),
  })
  .parse(parse(read('docker/compose.yaml'), { merge: true }))
const { server, postgres, redis } = compose.services

describe('the compose file', () => {
  it.each(Object.entries(compose.services))(
    'confines %s: nothing written but what is mounted, no capability, no new privilege',
    (_name, { read_only, cap_drop, security_opt, healthcheck }) => {
      expect({ read_only, cap_drop, security_opt }).toEqual({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
      expect(healthcheck?.test.length).toBeGreaterThan(1)
    },
  )

  it('runs none of them as root, and gives each somewhere to write what it has to', () => {
    // Without root to begin with, the images need none of the capabilities by which they would leave it.
    expect([postgres.user, redis.user]).toEqual(['postgres', 'redis'])
    expect(postgres.tmpfs).toEqual(['/tmp', '/var/run/postgresql'])
    expect(postgres.volumes).toContain('postgresql:/var/lib/postgresql/data')
    expect(redis.tmpfs).toContain('/data')
  })

  it('shows the database and Redis to the server alone, and the server to this machine alone', () => {
    expect([postgres.networks, redis.networks]).toEqual([['stores'], ['stores']])
    expect([postgres.ports, redis.ports]).toEqual([undefined, undefined])
    expect(compose.networks.stores?.internal).toBe(true)
    expect(server.ports).toEqual(['127.0.0.1:3000:3000'])
  })

  it('has the server be a role that its script makes, no superuser', () => {
    expect(server.environment.DATABASE_URL).toMatch(
      /^postgres:\/\/sentinel_pass:.*@postgres:5432\/sentinel_pass$/,
    )
    expect(postgres.environment.POSTGRES_USER).toBeUndefined()
    expect(postgres.volumes).toContain('./postgres-role.sh:/docker-entrypoint-initdb.d/10-role.sh:ro')
    accessSync(join(ROOT, 'docker/postgres-role.sh'), constants.X_OK)
    const script = read('docker/postgres-role.sh')
    expect(script).toMatch(/create role sentinel_pass login nosuperuser nocreatedb nocreaterole/)
    expect(script).toMatch(/alter role current_user password null/)
  })

  it('asks Redis for a password, which both are given and nobody can leave out', () => {
    expect(server.environment.REDIS_URL).toMatch(/^redis:\/\/:\$\{REDIS_PASSWORD:\?[^}]*\}@redis:6379$/)
    expect(redis.environment.REDISCLI_AUTH).toMatch(/^\$\{REDIS_PASSWORD:\?/)
    expect(redis.command?.at(-1)).toContain('--requirepass "$$REDISCLI_AUTH"')
    expect(redis.healthcheck?.test.at(-1)).toContain('PONG')
  })
})

describe('the image', () => {
  const stages = read('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split(/^(?=FROM )/m)
  const last = stages.at(-1) ?? ''

  it('is of one version of Node.js, that of the packages, which can be given by its digest', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    const image = /^ARG NODE_IMAGE=node:(.+)-bookworm-slim$/m.exec(stages[0] ?? '')
    expect([...new Set(Object.values(optionalDependencies))]).toEqual([image?.[1]])
    for (const stage of stages.slice(1)) expect(stage).toMatch(/^FROM \$\{NODE_IMAGE\}/)
    expect(read('docker/compose.yaml')).toContain(`NODE_IMAGE:-node:${image?.[1]}-bookworm-slim}`)
  })

  it('has nothing at its end that installs packages', () => {
    for (const place of ['lib/node_modules', 'bin/npm', 'bin/npx', 'bin/corepack', 'bin/yarn', 'bin/yarnpkg'])
      expect(last).toMatch(new RegExp(`^RUN rm -rf .*/usr/local/${place}( |$)`, 'm'))
    expect(last).toMatch(/^RUN rm -rf .*\/opt\/yarn-v\*/m)
    expect(last).not.toMatch(/npm (ci|install|run)|apt-get/)
  })

  it('runs as a user that is not root, and writes to /data alone', () => {
    const instructions = last.split('\n').filter(line => /^(USER|VOLUME|CMD|ENV)/.test(line))
    expect(instructions).toEqual([
      'ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data',
      'USER node',
      'VOLUME /data',
      'CMD ["node", "src/main.ts"]',
    ])
  })
})
