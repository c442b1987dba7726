import { NodeLease } from '../../src/activity/node-lease.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

// The number of leases is all that the tests could have in common.
beforeEach(async () => {
  await server.deps.database.query('delete from nodes')
})

const newLease = () => new NodeLease(server.deps.database)

async function expire(id: number): Promise<void> {
  await server.deps.database.query("update nodes set leased_until = now() - interval '1 ms' where id = $1", [
    id,
  ])
}

describe('the lease of a node number', () => {
  it('gives two processes different numbers', async () => {
    const numbers = await Promise.all(Array.from({ length: 5 }, () => newLease().id()))
    expect([...numbers].sort()).toEqual([1, 2, 3, 4, 5])
  })

  it('keeps its number', async () => {
    const lease = newLease()
    const first = await lease.id()
    await newLease().id()
    expect(await lease.id()).toBe(first)
  })

  it('is taken over once it was released', async () => {
    const [one, other] = [newLease(), newLease()]
    const number = await one.id()
    await other.id()
    await one.release()
    expect(await newLease().id()).toBe(number)
    expect(await newLease().id()).toBe(3)
  })

  it('is taken over once it has expired', async () => {
    const number = await newLease().id()
    await newLease().id()
    await expire(number)
    expect(await newLease().id()).toBe(number)
  })

  it('is not released by a holder that lost it', async () => {
    const lost = newLease()
    const number = await lost.id()
    await expire(number)
    expect(await newLease().id()).toBe(number)
    await lost.release()
    expect(await newLease().id()).toBe(2)
  })

  it('can be taken again after a release', async () => {
    const lease = newLease()
    const number = await lease.id()
    await lease.release()
    expect(await lease.id()).toBe(number)
    expect(await newLease().id()).toBe(2)
  })
})
