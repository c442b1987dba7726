import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
]
const README_LINES = 150

const withoutCode = (page: string): string =>
  readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')

/** Where the links and pictures of a page lead, but those to other sites. */
function linksOf(page: string): readonly string[] {
  const text = withoutCode(page).replaceAll(/`[^`\n]*`/g, '')
  const targets = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter(target => !/^[a-z]+:/.test(target))
}

/** The anchors that its headings have, as GitHub makes them: small letters, no punctuation, hyphens for spaces. */
function anchorsOf(page: string): readonly string[] {
  return [...withoutCode(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

/** What is wrong with a link; undefined: it leads somewhere. */
function faultOf(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(ROOT, file))) return `${page}: ${target}: there is no ${file}`
  if (anchor === undefined) return undefined
  if (statSync(join(ROOT, file)).isDirectory()) return `${page}: ${target}: a folder has no headings`
  return anchorsOf(file).includes(anchor) ? undefined : `${page}: ${target}: ${file} has no such heading`
}

describe('the documents', () => {
  it.each(PAGES)('%s links nothing that is not there', page => {
    expect(linksOf(page).flatMap(target => faultOf(page, target) ?? [])).toEqual([])
  })

  it('have a README that leads to each of them, and is a first screen', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    expect(linksOf('README.md')).toEqual(expect.arrayContaining(PAGES.filter(page => page !== 'README.md')))
    expect(readme.split('\n').length).toBeLessThanOrEqual(README_LINES)
  })

  it('have one heading for each anchor', () => {
    const twice = PAGES.filter(page => page !== 'CHANGELOG.md').filter(
      page => new Set(anchorsOf(page)).size < anchorsOf(page).length,
    )
    expect(twice).toEqual([])
  })
})
