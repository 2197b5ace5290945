import { generateCase } from './simulation/generate/generate.ts';
let n=0; for (let s=3000;s<3300;s++){ const t=JSON.stringify(generateCase(s,'pointed' as never)); if(/diesBefore/.test(t)) {n++; if(n<4) console.log(s, JSON.stringify(generateCase(s,'pointed' as never).strikes)); } } console.log(n);
