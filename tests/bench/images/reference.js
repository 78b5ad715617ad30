// sharp on a photograph: as the original design calls it, once per size, or at its best, decoded once.
// Arguments: "per-size" or "once", the file, how many times, how many at a time, the folder for the results.
const fs = require("fs");
const sharp = require("sharp");

const [way, file, count, lanes, folder] = process.argv.slice(2);
const SIZES = { large: [1200, 900], medium: [800, 600], thumbnail: [300, 300] };

sharp.concurrency(1);
sharp.cache(false);

const inside = ([width, height]) => ({ width, height, fit: "inside", withoutEnlargement: true });
const webp = (picture, size) => picture.resize(inside(size)).webp({ quality: 85 }).toBuffer();

async function perSize(photograph) {
    const made = {};
    for (const [name, size] of Object.entries(SIZES)) made[name] = await webp(sharp(photograph).rotate(), size);
    return made;
}

async function once(photograph) {
    const { data, info } = await sharp(photograph)
        .rotate()
        .resize(inside(SIZES.large))
        .raw()
        .toBuffer({ resolveWithObject: true });
    const large = sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    const made = {};
    for (const [name, size] of Object.entries(SIZES)) made[name] = await webp(large.clone(), size);
    return made;
}

const peak = () => Number(fs.readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]);

async function main() {
    const photograph = fs.readFileSync(file);
    const make = way === "once" ? once : perSize;
    const idle = peak();
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    let [left, made] = [Number(count), {}];
    const lane = async () => {
        while (left-- > 0) made = await make(photograph);
    };
    await Promise.all(Array.from({ length: Number(lanes) }, lane));
    const { user, system } = process.cpuUsage(cpu);
    console.log((user + system) / 1e3, performance.now() - start, peak(), idle);
    for (const name of Object.keys(SIZES)) fs.writeFileSync(`${folder}/${name}.webp`, made[name]);
}

main();
