import { type Chore, Retention } from '../../src/retention/retention.ts'
import { RetentionRunStore } from '../../src/retention/retention-run.store.ts'
import { logger } from '../support/backend.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(() => server.clock.advance({ hours: 1 }))

const retentionOf = (chores: Chore[]) =>
  new Retention(new RetentionRunStore(server.deps.database), chores, server.clock, logger)

/** A chore with so many rows to delete. */
function choreOf(name: string, rows: number): Chore {
  let left = rows
  return {
    name,
    sweep: async (_now, limit) => {
      const deleted = Math.min(left, limit)
      left -= deleted
      return deleted
    },
  }
}

describe('a chore', () => {
  it('goes on in batches until nothing is left', async () => {
    expect(await retentionOf([choreOf('one', 12_345), choreOf('two', 5_000)]).run()).toEqual({
      one: 12_345,
      two: 5_000,
    })
  })

  it('that fails leaves the others to be done', async () => {
    const broken: Chore = { name: 'broken', sweep: () => Promise.reject(new Error('no')) }
    expect(await retentionOf([broken, choreOf('one', 1)]).run()).toEqual({ one: 1 })
  })

  it('stops between two batches when another node has taken over', async () => {
    const other = retentionOf([choreOf('other', 1)])
    const slow: Chore = {
      name: 'slow',
      sweep: async (_now, limit) => {
        // As if this node had stood still for longer than its turn.
        server.clock.advance({ minutes: 6 })
        await other.run()
        return limit
      },
    }
    expect(await retentionOf([slow]).run()).toEqual({ slow: 5_000 })
  })

  it('stops between two batches when the server stops', async () => {
    const stopped: Promise<void>[] = []
    const retention: Retention = retentionOf([
      {
        name: 'endless',
        sweep: async (_now, limit) => {
          stopped.push(retention.stop())
          return limit
        },
      },
    ])
    expect(await retention.run()).toEqual({ endless: 5_000 })
    await Promise.all(stopped)
  })

  it('is begun no more once the server has stopped', async () => {
    const retention = retentionOf([choreOf('one', 1)])
    await retention.stop()
    expect(await retention.run()).toBeUndefined()
  })
})
