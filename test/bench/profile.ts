import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const cpuProfile = z.object({
  nodes: z.array(
    z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

/**
 * Where a process spent its time, by package or folder: shares of the samples that were not idle, largest first.
 * @param skipSeconds the process's first seconds, in which it started and was warmed up
 */
export async function profileShares(
  file: string,
  skipSeconds: number,
): Promise<{ place: string; share: number }[]> {
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
