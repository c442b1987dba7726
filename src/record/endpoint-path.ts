/** What is stored of an endpoint: the path, without query string and fragment; ids in it are kept. */
export function endpointPath(endpoint: string): string {
  const path = /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint)
    ? (URL.parse(endpoint)?.pathname ?? endpoint)
    : endpoint
  return path.replace(/[?#].*$/s, '') || '/'
}
