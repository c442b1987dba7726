import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { createPlace, logger, type TestPlace } from '../support/backend.ts'

let place: TestPlace
let database: Database

beforeAll(async () => {
  place = await createPlace()
  database = await Database.open(place.location, entities, logger)
})
afterAll(async () => {
  await database.close()
  await place.remove()
})

const UUID = '0197c1f4-7046-70e1-a2c4-5035ce1b3aac'

describe('what a statement answers', () => {
  it.each([
    ['text', ['a', 'b,c']],
    ['varchar', ['a']],
    ['uuid', [UUID]],
    ['bool', [true, false]],
    ['int2', [1, 2]],
    ['int4', [1, 2]],
    ['float8', [0.5]],
    ['jsonb', [{ a: [1] }]],
  ])('has arrays of %s as arrays', async (type, values) => {
    const given = type === 'jsonb' ? values.map(value => JSON.stringify(value)) : values.map(String)
    const [row] = await database.query<{ values: unknown; none: unknown }>(
      `select $1::text[]::${type}[] as values, '{}'::${type}[] as none`,
      [given],
    )
    expect(row).toEqual({ values, none: [] })
  })

  it('has the values of the common types as JavaScript has them', async () => {
    const [row] = await database.query(
      `select true as yes, 1::int4 as count, 0.5::float8 as share, '{"a":1}'::jsonb as json, null::text[] as nothing,
         '2030-01-15 10:00:00+00'::timestamptz as at, 'x'::text as text, '\\x0102'::bytea as bytes`,
    )
    expect(row).toEqual({
      yes: true,
      count: 1,
      share: 0.5,
      json: { a: 1 },
      nothing: null,
      at: '2030-01-15 10:00:00+00',
      text: 'x',
      bytes: expect.any(Uint8Array),
    })
  })
})
