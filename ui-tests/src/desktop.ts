import type { Page } from '@playwright/test';

/** How many colours the desktop shows: many once it is painted; the empty screen before it has one. */
export function coloursOf(desk: Page): Promise<number> {
  return desk
    .locator('canvas')
    .first()
    .evaluate((element: HTMLCanvasElement) => {
      const { data } = element.getContext('2d')?.getImageData(0, 0, element.width, element.height) ?? { data: [] };
      const seen = new Set<number>();
      for (let i = 0; i < data.length; i += 4 * 97)
        seen.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
      return seen.size;
    });
}
