/** A text as a provider's stream has it: piece by piece, of whole code points. */
export function inPieces(text, size = 5) {
  const points = [...text];
  const pieces = [];
  for (let at = 0; at < points.length; at += size) pieces.push(points.slice(at, at + size).join(''));
  return pieces;
}
