import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { askedOf } from './asked.ts'
import { OpenLoop, type Sent } from './load/open-loop.ts'
import { grantRequest } from './load/requests.ts'
import { measureRound, type Round } from './measure.ts'
import type { Options } from './options.ts'
import type { Part } from './part.ts'
import { PROMISED } from './reach.ts'
import { medianOf } from './results.ts'
import { GRANTS } from './scenarios.ts'
import { type Target, Targets } from './servers/targets.ts'
import { ratio } from './statistics.ts'
import { asFigure } from './table.ts'

/** So many wrong secrets a second, each for one client, from an address of its own. */
const ATTACKS = [1000, 100]
const WARM_UP_SECONDS = 2
const GOOD_CONNECTIONS = 32
/** So many that one is free while the others wait for answers: each attack goes on, however slow these are. */
const CONNECTIONS = 256
/** No secret is tried twice before so many others. */
const SECRETS = 5000
/** An attack that is slower than this share of what was meant is none. */
const LEAST_SENT = 0.95

/**
 * What wrong secrets do to those who have good ones: all passes fetch tokens, the two that are attacked among them, on a server
 * with the limits that it comes with.
 */
export async function measureWrongSecrets(options: Options, say: (line: string) => void): Promise<Part> {
  const targets = await Targets.open([], options.passes, say)
  try {
    const target = await targets.startAnother({})
    return await compare(target, options, say)
  } finally {
    await targets.close()
  }
}

async function compare(
  target: Target,
  { rounds, seconds }: Options,
  say: (line: string) => void,
): Promise<Part> {
  const asked = await askedOf(GRANTS, target)
  const good = (length: number) => measureRound(target, asked, GOOD_CONNECTIONS, length)
  await good(Math.min(seconds, WARM_UP_SECONDS))
  const quiet: Round[] = []
  const attacked: Round[] = []
  const statuses = new Map<number, number>()
  for (let round = 1; round <= rounds; round += 1) {
    const before = await good(seconds)
    const { during, sent } = await underAttack(target, () => good(seconds))
    const fault = sent.map(faultOf).find(one => one !== undefined)
    quiet.push(before)
    attacked.push({ ...during, faults: [...during.faults, ...(fault === undefined ? [] : [fault])] })
    for (const [status, count] of sent.flatMap(one => [...one.statuses]))
      statuses.set(status, (statuses.get(status) ?? 0) + count)
    say(
      `round ${round}: p99 of grants ${told(before)} quiet, ${told(attacked.at(-1) ?? during)} under attack`,
    )
  }
  const answers = [...statuses].map(([status, count]) => `${status}: ${asFigure(count, 0)}`).join(', ')
  return {
    tables: [
      {
        title: `Grants while ${ATTACKS.map(rate => asFigure(rate, 0)).join(' and ')} wrong secrets a second come in`,
        head: ['', 'grants a second', 'p50 ms', 'p99 ms', 'CPU µs server', 'wrong secrets answered'],
        rows: [rowOf('quiet', quiet, ''), rowOf('under attack', attacked, answers)],
      },
    ],
    reached: [{ ...PROMISED.wrongSecrets, seen: ratio(medianOf(attacked, 'p99'), medianOf(quiet, 'p99')) }],
  }
}

async function underAttack(target: Target, work: () => Promise<Round>) {
  const attacks = await Promise.all(
    ATTACKS.map((perSecond, index) => {
      const client = target.clients.passes[index]
      const wrong = Array.from({ length: SECRETS }, () =>
        grantRequest(target.paths.token, {
          clientId: client?.clientId ?? '',
          clientSecret: generateChecksummedSecret('sps_'),
        }),
      )
      // Elsewhere than on Linux, only the first of these addresses is the machine's.
      const localAddress = process.platform === 'linux' ? `127.0.0.${index + 2}` : undefined
      return OpenLoop.start({ port: target.program.port, localAddress }, wrong, perSecond, CONNECTIONS)
    }),
  )
  const during = await work()
  return { during, sent: attacks.map(attack => attack.stop()) }
}

/** Why an attack was none: it was slower than it was meant to be, or a wrong secret was answered otherwise than refused. */
function faultOf({ rate, statuses }: Sent, index: number): string | undefined {
  const meant = ATTACKS[index] ?? 0
  if (rate < meant * LEAST_SENT) return `${Math.round(rate)} wrong secrets a second instead of ${meant}`
  const odd = [...statuses.keys()].find(status => status !== 401 && status !== 429)
  return odd === undefined ? undefined : `a wrong secret was answered ${odd}`
}

function rowOf(name: string, rounds: readonly Round[], answers: string): string[] {
  return [
    name,
    ...[asFigure(medianOf(rounds, 'rate'), 0), asFigure(medianOf(rounds, 'p50'), 2)],
    ...[asFigure(medianOf(rounds, 'p99'), 2), asFigure(medianOf(rounds, 'serverCpu'), 0), answers],
  ]
}

function told({ faults, p99 }: Round): string {
  return faults.length > 0 ? `void (${faults[0]})` : `${p99.toFixed(1)} ms`
}
