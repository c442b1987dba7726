import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { TestPlace } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import {
  eachInPlace,
  isGroupAlive,
  type Launcher,
  placeEnv,
  type ServerProcess,
  startProcess,
  until,
} from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'
import { FORM, requestUnderWay } from './request-under-way.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NPM_START: Launcher = ['npm', 'start']
const AS_FIRST_PROCESS = ['unshare', '--pid', '--fork', '--kill-child'] as const

let place: TestPlace

eachInPlace(made => {
  place = made
})

describe('npm start', () => {
  it('hands on a SIGTERM that npm alone is sent, and lasts until the server has drained', async () => {
    await expectDrain(NPM_START, ({ pid }) => process.kill(pid, 'SIGTERM'))
  })

  it('drains on one Ctrl+C, although it reaches the server from the terminal and from npm', async () => {
    await expectDrain(NPM_START, ({ pid }) => process.kill(-pid, 'SIGINT'))
  })
})

describeUnless(cannotBeFirst(), 'as the first process of a container', () => {
  it('npm start drains on SIGTERM', async () => {
    await expectDrain([...AS_FIRST_PROCESS, ...NPM_START], signalFirstProcess)
  })

  it('the command of the image drains on SIGTERM', async () => {
    await expectDrain([...AS_FIRST_PROCESS, ...commandOfImage()], signalFirstProcess)
  })
})

/** What is under way is answered, all end well, and none of the processes is left. */
async function expectDrain(launcher: Launcher, stop: (server: ServerProcess) => void): Promise<void> {
  const server = await startProcess(placeEnv(place), launcher)
  const { credentials } = await remote(server.url, firstProject(server.stdout())).createPass()
  const underWay = await requestUnderWay(server, credentials)
  const answered = once(underWay, 'response')
  answered.catch(() => {})

  stop(server)
  await until(async () => server.stdout().includes('"stopping: '), 'stopping')
  expect(isGroupAlive(server.pid)).toBe(true)
  underWay.end(FORM)
  const [answer] = await answered
  expect(JSON.parse(await text(answer))).toMatchObject({ access_token: expect.any(String) })
  const { code, stdout } = await server.ended()
  expect(code).toBe(0)
  expect(stdout).toContain('"stopped"')
  expect(isGroupAlive(server.pid)).toBe(false)
}

/** The one that has the number 1 in the room that `unshare` has made. */
function signalFirstProcess({ pid }: ServerProcess): void {
  const first = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
  process.kill(first, 'SIGTERM')
}

function commandOfImage(): string[] {
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? []
  return z.array(z.string()).min(1).parse(JSON.parse(command))
}

function cannotBeFirst(): string | undefined {
  if (process.platform !== 'linux') return 'Processes have rooms of their own on Linux'
  return (
    notOnPath('unshare') ?? (process.getuid?.() === 0 ? undefined : 'Only root may make a room of processes')
  )
}
