import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { notOnPath } from '../support/on-path.ts'

/**
 * The server has the first core for itself; the load and the database's connections share the others, as they would be
 * on other machines. Where there is no `taskset` or one core alone, the system places them as it likes.
 */
let pinning = notOnPath('taskset') === undefined && availableParallelism() > 1

/** Whether programs have cores of their own. */
export function isPinning(): boolean {
  return pinning
}

/** Has the system place everything from now on. */
export function placeFreely(): void {
  pinning = false
}

const OTHERS = `1-${availableParallelism() - 1}`
const pinned = new Set<number>()

/** The arguments that start a program on the server's core. @param everywhere for one that needs several */
export function onServerCore(command: readonly string[], everywhere: boolean): readonly string[] {
  return pinning && !everywhere ? ['taskset', '--cpu-list', '0', ...command] : command
}

/** Moves processes off the server's core, those of them that were not moved before. */
export function moveToOtherCores(pids: readonly number[]): void {
  if (!pinning) return
  for (const pid of pids) {
    if (pinned.has(pid)) continue
    pinned.add(pid)
    spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', OTHERS, String(pid)], { stdio: 'ignore' })
  }
}
