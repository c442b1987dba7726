import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { askedOf } from './asked.ts'
import { measureRound } from './measure.ts'
import type { Options } from './options.ts'
import { SCENARIOS } from './scenarios.ts'
import { Targets } from './servers/targets.ts'

const SHOWN = 20

const cpuProfile = z.object({
  nodes: z.array(
    z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

/**
 * Prints where this server on PostgreSQL spends its time in a scenario. One that is being profiled is slower than others, so
 * nothing is measured in the same run.
 * @throws when there is no such scenario
 */
export async function profile(
  { passes, seconds, connections }: Options,
  name: string,
  say: (line: string) => void,
): Promise<void> {
  const scenario = SCENARIOS.find(one => one.name === name)
  if (!scenario) throw new Error(`There is no scenario ${name}`)
  const targets = await Targets.open(['postgresql'], passes, say)
  try {
    const started = performance.now()
    const flags = ['--cpu-prof', `--cpu-prof-dir=${targets.folder}`]
    const target = await targets.startAnother({ RATE_LIMITS: 'off' }, flags)
    const asked = await askedOf(scenario, target)
    const width = connections?.[0] ?? scenario.connections[0] ?? 1
    await measureRound(target, asked, width, Math.min(seconds, 2))
    const warmedUp = (performance.now() - started) / 1000
    const { rate } = await measureRound(target, asked, width, seconds)
    await target.program.stop()
    const [file] = (await readdir(targets.folder)).filter(one => one.endsWith('.cpuprofile'))
    if (file === undefined) throw new Error('Node.js has written no profile')
    process.stdout.write(`${scenario.title}: ${Math.round(rate)} a second; shares of what is not idle:\n`)
    for (const { place, share } of (await profileShares(join(targets.folder, file), warmedUp)).slice(
      0,
      SHOWN,
    ))
      process.stdout.write(`  ${(share * 100).toFixed(1).padStart(5)}%  ${place}\n`)
  } finally {
    await targets.close()
  }
}

/**
 * Where a process spent its time, by package or folder: shares of the samples that were not idle, largest first.
 * @param skipSeconds the process's first seconds, in which it started and was warmed up
 */
async function profileShares(file: string, skipSeconds: number): Promise<{ place: string; share: number }[]> {
  const profile = cpuProfile.parse(JSON.parse(await readFile(file, 'utf8')))
  const places = new Map(profile.nodes.map(node => [node.id, placeOf(node.callFrame)]))
  const time = new Map<string, number>()
  let total = 0
  let at = 0
  profile.samples.forEach((sample, index) => {
    at += profile.timeDeltas[index] ?? 0
    if (at < skipSeconds * 1e6) return
    const place = places.get(sample) ?? 'unknown'
    if (place === '(idle)') return
    const delta = profile.timeDeltas[index] ?? 0
    time.set(place, (time.get(place) ?? 0) + delta)
    total += delta
  })
  return [...time]
    .map(([place, spent]) => ({ place, share: spent / total }))
    .sort((a, b) => b.share - a.share)
}

function placeOf({ functionName, url }: { functionName: string; url: string }): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native'
  if (url.startsWith('node:')) return `node:${url.slice(5).split('/').slice(0, 2).join('/')}`
  const module = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (module) return module
  return /\/(src\/[^/]+)\//.exec(url)?.[1] ?? 'src'
}
