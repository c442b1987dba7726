import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'

const TYPING_PAUSE_MS = 500

/**
 * Text that is being typed, and what types it. It counts once nothing has been typed for half a second.
 * @param value what counts now, which can change elsewhere as well
 * @param isTaken asked before a text counts; one that is not stays to be typed on
 */
export function useSettledText(
  value: string,
  onSettled: (text: string) => void,
  isTaken: (text: string) => boolean = () => true,
): readonly [text: string, type: (typed: string) => void] {
  const [text, setText] = useState(value)
  const told = useRef(value)
  const tell = useDebouncedCallback((typed: string) => {
    if (!isTaken(typed)) return
    told.current = typed
    onSettled(typed)
  }, TYPING_PAUSE_MS)
  const { cancel } = tell
  // Of what was told from here nothing is heard: the person may have typed on since.
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    cancel()
    setText(value)
  }, [value, cancel])
  return [
    text,
    typed => {
      setText(typed)
      tell(typed.trim())
    },
  ]
}
