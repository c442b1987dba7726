import { NodeLease } from '../../src/record/node-lease.ts'
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
const numberOf = async (lease: NodeLease) => (await lease.current()).node

async function expire(id: number): Promise<void> {
  await server.deps.database.query("update nodes set leased_until = now() - interval '1 ms' where id = $1", [
    id,
  ])
}

describe('the lease of a node number', () => {
  it('gives two processes different numbers', async () => {
    const numbers = await Promise.all(Array.from({ length: 5 }, () => numberOf(newLease())))
    expect([...numbers].sort()).toEqual([1, 2, 3, 4, 5])
  })

  it('keeps its number', async () => {
    const lease = newLease()
    const first = await numberOf(lease)
    await numberOf(newLease())
    expect(await numberOf(lease)).toBe(first)
  })

  it('is taken over once it was released', async () => {
    const [one, other] = [newLease(), newLease()]
    const number = await numberOf(one)
    await numberOf(other)
    await one.release()
    expect(await numberOf(newLease())).toBe(number)
    expect(await numberOf(newLease())).toBe(3)
  })

  it('is taken over once it has expired', async () => {
    const number = await numberOf(newLease())
    await numberOf(newLease())
    await expire(number)
    expect(await numberOf(newLease())).toBe(number)
  })

  it('is not released by a holder that lost it', async () => {
    const lost = newLease()
    const number = await numberOf(lost)
    await expire(number)
    expect(await numberOf(newLease())).toBe(number)
    await lost.release()
    expect(await numberOf(newLease())).toBe(2)
  })

  it('can be taken again after a release', async () => {
    const lease = newLease()
    const number = await numberOf(lease)
    await lease.release()
    expect(await numberOf(lease)).toBe(number)
    expect(await numberOf(newLease())).toBe(2)
  })
})
