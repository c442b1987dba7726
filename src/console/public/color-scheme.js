// Before anything is drawn, so that nobody is shown the wrong scheme for a moment.
;(() => {
  const chosen = localStorage.getItem('sentinel-pass-color-scheme')
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const scheme = chosen === 'light' || chosen === 'dark' ? chosen : dark ? 'dark' : 'light'
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme)
})()
