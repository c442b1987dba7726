import { type CSSVariablesResolver, createTheme, type MantineColorScheme, Modal } from '@mantine/core'

export const COLOR_SCHEME_KEY = 'sentinel-pass-color-scheme'
export const DEFAULT_COLOR_SCHEME: MantineColorScheme = 'auto'

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 9 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // The page has one banner: the heading of a dialog is none.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Modal: Modal.extend({
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontWeight: 650 } },
    }),
  },
})

const TINTED = ['blue', 'green', 'yellow', 'red', 'gray', 'violet'] as const

/** Darker (lighter in the dark scheme) than Mantine's own, for a contrast of 4.5 to 1 (WCAG 2.2 AA, 1.4.3). */
export const cssVariablesResolver: CSSVariablesResolver = ({ colors }) => {
  const text = (shade: number) =>
    Object.fromEntries(
      TINTED.flatMap(name => [
        [`--mantine-color-${name}-light-color`, colors[name]?.[shade] ?? ''],
        [`--mantine-color-${name}-outline`, colors[name]?.[shade] ?? ''],
        [`--mantine-color-${name}-text`, colors[name]?.[shade] ?? ''],
      ]),
    )
  return {
    variables: {},
    light: {
      ...text(9),
      // The darkest that Mantine has of these are not dark enough as text: blue not on its own tint, pointed at.
      '--mantine-color-blue-light-color': '#144f8c',
      '--mantine-color-green-light-color': '#1f6a30',
      '--mantine-color-green-text': '#1f6a30',
      '--mantine-color-yellow-light-color': '#7a4a00',
      '--mantine-color-yellow-text': '#7a4a00',
      '--mantine-color-dimmed': '#50565e',
      '--mantine-color-placeholder': '#666d75',
      '--mantine-color-error': '#b42323',
      '--mantine-color-anchor': '#1457a8',
    },
    dark: {
      ...text(2),
      '--mantine-color-dimmed': '#b0b5bd',
      '--mantine-color-placeholder': '#a0a5ad',
      '--mantine-color-error': '#ffa3a3',
      '--mantine-color-anchor': '#8fc3ff',
    },
  }
}
