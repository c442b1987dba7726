/** Saves a file that the page has made, as a download. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // The download has begun, and reads what it holds: the address is not needed any more.
  URL.revokeObjectURL(link.href)
}
