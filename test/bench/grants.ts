/**
 * Grants a second: this server with 1,000 passes on PostgreSQL, everything recorded, against oidc-provider as it
 * comes with one static client in memory and nothing recorded. Interleaved in one run; medians and their ratio.
 *
 * `npm run bench` needs PostgreSQL (TEST_DATABASE_URL, or 127.0.0.1:5432). Exit code 1 below the ratio promised.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { z } from 'zod'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { profileShares } from './profile.ts'

process.env.TEST_BACKEND = 'postgresql'
const { createEmptyPlace } = await import('../support/backend.ts')

const PROMISED_RATIO = 0.7
const STOCK_PORT = 38_101
const OWN_PORT = 38_102
const { values } = parseArgs({
  options: {
    passes: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
  },
})
const passCount = Number(values.passes)
const connections = Number(values.connections)
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

const created = z.object({
  meta: z.object({ credentials: z.object({ clientId: z.string(), clientSecret: z.string() }) }),
})
const bootstrapped = z.object({ organizationId: z.string(), projectId: z.string(), apiKey: z.string() })

const profiles = await mkdtemp(join(tmpdir(), 'sentinel-pass-bench-'))
const place = await createEmptyPlace()
const children: ChildProcess[] = []
try {
  if (!('url' in place.location)) throw new Error('The bench runs on PostgreSQL')
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: place.location.url,
    SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
    PORT: String(OWN_PORT),
    LOG_LEVEL: 'warn',
    RATE_LIMITS: 'off',
  }
  const project = bootstrapped.parse(JSON.parse(await output(['src/bootstrap/main.ts', '--json'], env)))

  const stock: Credentials = { clientId: 'stock-client', clientSecret: generateChecksummedSecret('sps_') }
  const stockServer = start(
    ['test/bench/stock-server.ts', String(STOCK_PORT), stock.clientId, stock.clientSecret],
    env,
  )
  const ownServer = start(['src/main.ts'], env)
  await answering(`http://127.0.0.1:${STOCK_PORT}/.well-known/openid-configuration`)
  await answering(`http://127.0.0.1:${OWN_PORT}/ready`)

  say(
    `making ${passCount} passes and fetching a first token with each (argon2id runs once for each secret) …`,
  )
  const passes = await makePasses(project)
  const stockTarget = { url: `http://127.0.0.1:${STOCK_PORT}/token`, credentials: [stock] }
  const ownTarget = { url: `http://127.0.0.1:${OWN_PORT}/v1/api/oauth/token`, credentials: passes }
  await fetchOneEach(ownTarget)
  await measure(stockTarget, 2)
  await measure(ownTarget, 2)

  const stockRates: number[] = []
  const ownRates: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    stockRates.push(await measure(stockTarget, seconds))
    ownRates.push(await measure(ownTarget, seconds))
    say(`round ${round}: stock ${stockRates.at(-1)} grants/s, this server ${ownRates.at(-1)} grants/s`)
  }
  const ratio = median(ownRates) / median(stockRates)
  say(`\nmedian of ${rounds}: stock ${median(stockRates)}, this server ${median(ownRates)} grants/s`)
  say(
    `ratio ${ratio.toFixed(2)} (promised: ${PROMISED_RATIO} or more), ${connections} connections, ${passCount} passes`,
  )

  await stopped(ownServer)
  await stopped(stockServer)
  say('\nwhere this server spends its time under that load (share of what is not idle):')
  for (const { place: where, share } of await profile(env, ownTarget))
    say(`  ${(share * 100).toFixed(1).padStart(5)}%  ${where}`)
  process.exitCode = ratio >= PROMISED_RATIO ? 0 : 1
} finally {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  await place.remove()
  if (!process.env.KEEP) await rm(profiles, { recursive: true, force: true })
}

/** The same load on a server that is being profiled, which slows it, so it is not the one that was measured. */
async function profile(env: NodeJS.ProcessEnv, target: Target): Promise<{ place: string; share: number }[]> {
  const started = performance.now()
  const server = start(['--cpu-prof', `--cpu-prof-dir=${profiles}`, 'src/main.ts'], env)
  await answering(`http://127.0.0.1:${OWN_PORT}/ready`)
  await fetchOneEach(target)
  await measure(target, 2)
  const warmedUp = (performance.now() - started) / 1000
  await measure(target, seconds)
  await stopped(server)
  const [file] = (await readdir(profiles)).filter(name => name.endsWith('.cpuprofile'))
  return file ? (await profileShares(join(profiles, file), warmedUp)).slice(0, 18) : []
}

interface Target {
  readonly url: string
  readonly credentials: readonly Credentials[]
}

/** @returns grants a second; throws when one was refused */
async function measure(target: Target, duration: number): Promise<number> {
  const requests = target.credentials.map(requestOf)
  let connection = 0
  const result = await autocannon({
    url: target.url,
    connections,
    duration,
    // Each connection has passes of its own, so that together they use all of them.
    setupClient: client => {
      const share = Math.ceil(requests.length / connections)
      const from = (connection * share) % requests.length
      connection += 1
      client.setRequests(requests.slice(from, from + share))
    },
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} failed`)
  return Math.round(result['2xx'] / result.duration)
}

function requestOf({ clientId, clientSecret }: Credentials) {
  return {
    method: 'POST' as const,
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  }
}

async function makePasses(project: z.output<typeof bootstrapped>): Promise<Credentials[]> {
  const url = `http://127.0.0.1:${OWN_PORT}/v1/api/organizations/${project.organizationId}/projects/${project.projectId}/sentinel_passes`
  return inParallel(passCount, 8, async index => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'api-key': project.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ sentinelPass: { title: `Bench agent ${index}` } }),
    })
    return created.parse(await answer.json()).meta.credentials
  })
}

async function fetchOneEach({ url, credentials }: Target): Promise<void> {
  await inParallel(credentials.length, 8, async index => {
    const one = credentials[index]
    if (!one) return
    const answer = await fetch(url, requestOf(one))
    if (!answer.ok) throw new Error(`the first token was refused: ${await answer.text()}`)
    await answer.arrayBuffer()
  })
}

async function inParallel<Result>(
  count: number,
  width: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) {
        const index = next
        next += 1
        results[index] = await work(index)
      }
    }),
  )
  return results
}

function start(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  return child
}

function output(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', chunk => {
      text += chunk
    })
    child.once('close', code =>
      code === 0 ? resolve(text) : reject(new Error(`${args.join(' ')} ended with ${code}`)),
    )
  })
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`${url} does not answer`)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
