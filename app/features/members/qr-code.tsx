import { useQuery } from "@tanstack/react-query";

/** modules of empty space around a code; the standard asks for four */
const QUIET = 4;

/** A link as a QR code, to be scanned off the screen. Drawn as one path; the library that makes it is fetched when it is shown. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const code = useQuery({ queryKey: ["qr", text], queryFn: () => drawn(text), staleTime: Number.POSITIVE_INFINITY });
  if (!code.data) return <div className="qr" aria-hidden="true" />;
  const { size, path } = code.data;
  const box = size + 2 * QUIET;
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${box} ${box}`} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  );
}

async function drawn(text: string): Promise<{ size: number; path: string }> {
  const { default: qr } = await import("qrcode");
  const { size, data } = qr.create(text, { errorCorrectionLevel: "M" }).modules;
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) if (data[y * size + x]) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  }
  return { size, path };
}
