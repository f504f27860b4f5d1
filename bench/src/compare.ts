import { ratio } from './numbers.ts';
import type { Side } from './sides.ts';

/**
 * Two cells: how many times as much per second as the peer, and how many times less CPU time for each. On a machine that
 * does other things at the same time only the second says much.
 */
export function compare(
  side: Side,
  peer: Side,
  value: (side: Side, key: 'perSecond' | 'cpuUsEach') => number,
): [string, string] {
  if (side === peer) return ['', ''];
  const [own, its] = [value(side, 'cpuUsEach'), value(peer, 'cpuUsEach')];
  const speed = ratio(value(side, 'perSecond'), value(peer, 'perSecond'));
  return [speed, Number.isNaN(own) ? '' : ratio(its, own)];
}
