import { opaqueString } from '../../src/platform/opaque-string.ts'
import { passwordFault, passwordFormFault } from '../../src/platform/password-policy.ts'

const CONTEXT = ['ann.smithson@example.com', 'Ann Smithson']

describe('a password that may be set', () => {
  it.each([
    'correct horse battery staple',
    'a whole new password',
    'Xk7!pQ2#vL9m',
    'sentinel ridge forty two',
    'smithson under the old bridge',
    'пароль из шести слов тут',
    '犬が好きな十二文字の言葉です',
  ])('%s', password => {
    expect(passwordFormFault(password)).toBeUndefined()
    expect(passwordFault(password, CONTEXT)).toBeUndefined()
  })
})

describe('a password that is easy to guess', () => {
  it.each([
    ['administrator', 'tried first'],
    ['ADMINISTRATOR', 'tried first'],
    ['password2026!', 'tried first'],
    ['P@ssw0rd1234', 'tried first'],
    ['!!!Welcome2026', 'tried first'],
    ['Sunshine123456', 'tried first'],
    ['pass word 12 34', 'tried first'],
    ['passwordpassword', 'tried first'],
    ['1qaz2wsx3edc', 'tried first'],
    ['aaaaaaaaaaaaaaa', 'again and again'],
    ['xyxzxyxzxyxz', 'again and again'],
    ['12345678901234', 'follows'],
    ['lkjihgfedcba', 'follows'],
    ['qwertyuiopasdfgh', 'follows'],
    ['Sentinel-Pass-26', 'the name of this product'],
    ['annsmithson#1', 'your email'],
    ['Ann.Smithson@Example.com', 'your email'],
    ['smithson-2026!', 'your email'],
  ])('%s is refused, and told why', (password, why) => {
    expect(passwordFault(password, CONTEXT)).toContain(why)
  })
})

it('is counted in characters as they are prepared, without control characters', () => {
  expect(passwordFormFault('n\u0303'.repeat(6))).toMatch(/12 characters or more/)
  expect(passwordFormFault('ñ'.repeat(201))).toMatch(/200 characters at most/)
  expect(passwordFormFault('with a tab\tin it')).toMatch(/control/)
})

it('is prepared as RFC 8265 has it: spaces of one kind, characters composed, case and width kept', () => {
  expect(opaqueString('n\u0303\u00a0X\u3000\uff21')).toBe('\u00f1 X \uff21')
})
