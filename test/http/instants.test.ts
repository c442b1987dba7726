import { endInstant, instant, readInstant } from '../../src/http/instants.ts'

const at = (value: string) => {
  const read = readInstant(value)
  return 'at' in read ? new Date(read.at).toISOString() : read.fault
}

describe('an instant', () => {
  it.each([
    ['2030-01-31', '2030-01-31T00:00:00.000Z'],
    ['2030-01-31T10:20Z', '2030-01-31T10:20:00.000Z'],
    ['2030-01-31T10:20:30Z', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31t10:20:30z', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31 10:20:30Z', '2030-01-31T10:20:30.000Z'],
    ['2030-01-31T10:20:30.5Z', '2030-01-31T10:20:30.500Z'],
    ['2030-01-31T10:20:30,123456Z', '2030-01-31T10:20:30.123Z'],
    ['2030-01-31T10:20:30+02:00', '2030-01-31T08:20:30.000Z'],
    ['2030-01-31T10:20+0200', '2030-01-31T08:20:00.000Z'],
    ['2030-01-31T10:20-05', '2030-01-31T15:20:00.000Z'],
    ['2030-01-31T10:20:30 02:00', '2030-01-31T08:20:30.000Z'],
    ['2028-02-29T00:00Z', '2028-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('is read from %s', (value, expected) => {
    expect(at(value)).toBe(expected)
  })

  it.each(['2030-01-31T10:20', '2030-01-31T10:20:30', '2030-01-31 10:20:30.123'])(
    'without an offset is refused for that: %s',
    value => {
      expect(at(value)).toMatch(/^has no offset from UTC/)
    },
  )

  it.each([
    ...[
      '',
      'yesterday',
      '2030',
      '2030-01',
      '20300131',
      '2030-1-31',
      '1893456000',
      '2030-01-31Z',
      '2030-01-31T10Z',
    ],
    ...[
      '2030-02-30',
      '2029-02-29T00:00Z',
      '2030-13-01',
      '2030-00-10',
      '2030-01-31T25:00Z',
      '2030-01-31T10:60Z',
    ],
    ...[
      '2030-01-31T10:20:61Z',
      '2030-01-31T10:20+24:00',
      '2030-01-31T10:20+01:60',
      ' 2030-01-31',
      '2030-01-31\n',
    ],
  ])('is not read from "%s"', value => {
    expect(at(value)).toMatch(/^must be ISO 8601/)
  })

  it.each(['1969-12-31T23:59:59Z', '1970-01-01T00:00+01:00', '9999-12-31T23:59-01:00'])(
    'lies between 1970 and 9999, which %s does not',
    value => {
      expect(at(value)).toBe('must lie between 1970 and 9999')
    },
  )
})

describe('a date alone', () => {
  it('is its first instant as a start, and includes its day as an end', () => {
    expect(instant.parse('2030-12-31')).toEqual(new Date('2030-12-31T00:00:00Z'))
    expect(endInstant.parse('2030-12-31')).toEqual(new Date('2031-01-01T00:00:00Z'))
    expect(endInstant.parse('2030-12-31T00:00Z')).toEqual(new Date('2030-12-31T00:00:00Z'))
  })
})
