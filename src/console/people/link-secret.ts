import { useEffect, useState } from 'react'

/**
 * The secret of the one-time link that opened the page, read once and taken out of the address bar and the history.
 * @param prefix of the secrets that open this page
 * @returns undefined where the address has none
 */
export function useLinkSecret(prefix: 'spi_' | 'spr_'): string | undefined {
  const [secret] = useState(() => location.hash.slice(1))
  useEffect(() => {
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname)
  }, [])
  return secret.startsWith(prefix) ? secret : undefined
}
