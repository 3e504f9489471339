// A photo as small as the search needs: less to send, and no place or camera data in what is made anew.
// What is light already goes as it is; the site turns it upright, as it does for who has no scripts.
// 1600 px leave a shorter side of 1200 in a 4:3 photo, at which the site reads barcodes.
const LONGEST_SIDE = 1600;
const LIGHT_ENOUGH = 500_000;
const QUALITY = 0.9;

export const upright = (file) => createImageBitmap(file, { imageOrientation: "from-image" });

// A canvas with the picture, whose longer side is at most so long.
export function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // JPEG knows no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export async function shrink(file) {
  let bitmap;
  try {
    bitmap = await upright(file);
    const isSmall = Math.max(bitmap.width, bitmap.height) <= LONGEST_SIDE;
    if (isSmall && file.size <= LIGHT_ENOUGH) return file;
    const canvas = drawn(bitmap, LONGEST_SIDE);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], "photo.jpg", { type: "image/jpeg" });
  } catch {
    return file; // a format that this browser cannot read; the site may
  } finally {
    bitmap?.close();
  }
}
