/** The page of the reference. @param basePath the path of `PUBLIC_URL`, without a trailing slash */
export function referencePage(basePath: string): string {
  const at = (path: string) => escapeAttribute(`${basePath}${path}`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sentinel Pass: API reference</title>
<link rel="icon" type="image/png" href="${at('/docs/favicon-32x32.png')}">
<link rel="stylesheet" href="${at('/docs/swagger-ui.css')}">
</head>
<body>
<div id="reference" data-document="${at('/openapi.json')}"></div>
<script src="${at('/docs/swagger-ui-bundle.js')}"></script>
<script src="${at('/docs/setup.js')}"></script>
</body>
</html>
`
}

/** Draws the reference, in the colours that the browser asks for. Without a validator: that one would be somebody else's host. */
export const SETUP_SCRIPT = `const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
const reference = document.getElementById('reference')
SwaggerUIBundle({
  domNode: reference,
  url: reference.dataset.document,
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
})
`

function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
