import { ReadGate } from '../../src/http/read-gate.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** Reads that end when they are told. */
function heldReads(gate: ReadGate) {
  const ends: (() => void)[] = []
  const read = (begun = false) => gate.read(() => new Promise<void>(resolve => ends.push(resolve)), begun)
  return { ends, read }
}

describe('ReadGate', () => {
  it('lets so many through at once, so many wait, and refuses the rest', async () => {
    const gate = new ReadGate(2, 3)
    const { ends, read } = heldReads(gate)
    const admitted = Array.from({ length: 5 }, () => read())
    expect(ends.length).toBe(2)
    await expect(read()).rejects.toMatchObject({ code: 'rate_limited', extra: { retry_after: 1 } })
    for (let ended = 0; ended < 5; ended += 1) {
      ends[ended]?.()
      await admitted[ended]
      expect(ends.length).toBe(Math.min(5, ended + 3))
    }
    const later = read()
    ends.at(-1)?.()
    await later
  })

  it('has what was begun wait, however many do', async () => {
    const gate = new ReadGate(1, 0)
    const { ends, read } = heldReads(gate)
    const first = read()
    const parts = read(true)
    ends[0]?.()
    await first
    ends[1]?.()
    await parts
    expect(ends.length).toBe(2)
  })

  it('goes on after a read that fails', async () => {
    const gate = new ReadGate(1, 0)
    await expect(gate.read(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    await expect(gate.read(async () => 'read')).resolves.toBe('read')
  })

  it('gives others a turn between the parts of an export, and closes it when nobody reads on', async () => {
    const gate = new ReadGate(1, 5)
    const seen: string[] = []
    async function* source() {
      try {
        for (const part of ['one', 'two', 'three']) yield part
      } finally {
        seen.push('closed')
      }
    }
    for await (const part of gate.parts(source())) {
      seen.push(part)
      seen.push(await gate.read(async () => 'another'))
      if (part === 'two') break
    }
    expect(seen).toEqual(['one', 'another', 'two', 'another', 'closed'])
  })
})

describe('reads of logs', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.close())

  it('leave connections to grants, and more than can wait are told when to come back', async () => {
    const project = await server.createProject('Read')
    const { credentials } = await server.createPass(project)
    // Whatever the reads do, as long as they last.
    const { ends, read } = heldReads(server.deps.reads)
    const held = Array.from({ length: 30 }, () => read())
    const logs = (query = {}) =>
      server.http.get(`${project.path}/activity/logs`).set('Api-Key', project.apiKey).query(query)
    const waiting = Array.from({ length: 40 }, () =>
      logs({ endpoint: 'zzzz', sort_by: 'endpoint' }).then(x => x),
    )
    await expect(server.fetchToken(credentials)).resolves.toEqual(expect.any(String))
    const refused = await Promise.any(
      waiting.map(async pending => {
        const answer = await pending
        return answer.status === 429 ? answer : Promise.reject(new Error(String(answer.status)))
      }),
    )
    expect([refused.body.code, refused.headers['retry-after']]).toEqual(['rate_limited', '1'])
    for (let ended = 0; ended < held.length; ended += 1) {
      ends[ended]?.()
      await held[ended]
    }
    const statuses = (await Promise.all(waiting)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect((await logs()).status).toBe(200)
  })
})
