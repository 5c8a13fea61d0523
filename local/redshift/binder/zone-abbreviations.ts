/** Zone abbreviations: a fixed number of minutes east of UTC, whatever the season. After PostgreSQL's default set. */
export interface ZoneAbbreviation {
  readonly minutes: number;
  readonly isDaylight: boolean;
}

/** Name and hours east of UTC. */
const STANDARD = `
  ACST 9:30, AFT 4:30, AKST -9, ALMT 6, AMT -4, ANAT 12, ART -3, AST -4, AEST 10, AWST 8, AZOT -1, AZT 4, BDT 6, BNT 8, BORT 8, BOT -4,
  BRA -3, BRT -3, BTT 6, CAST 9:30, CCT 8, CET 1, CHAST 12:45, CHUT 10, CKT -10, CLT -4, COT -5, CST -6, CXT 7, DAVT 7, DDUT 10, EAST -6,
  EAT 3, EET 2, EGT -1, EST -5, FET 3, FJT 12, FKT -4, FNT -2, GALT -6, GAMT -9, GET 4, GFT -3, GILT 12, GMT 0, GYT -4, HKT 8, HST -10,
  ICT 7, IOT 6, IRKT 8, IRT 3:30, IST 2, JAYT 9, JST 9, KGT 6, KOST 11, KRAT 7, KST 9, LHST 10:30, LIGT 10, LINT 14, LKT 5:30, MAGT 11,
  MART -9:30, MAWT 5, MET 1, MEZ 1, MHT 12, MMT 6:30, MPT 10, MSK 3, MST -7, MUT 4, MVT 5, MYT 8, NFT -3:30, NOVT 7, NPT 5:45, NST -3:30,
  NUT -11, NZST 12, NZT 12, OMST 6, PET -5, PETT 12, PGT 10, PHOT 13, PHT 8, PKT 5, PMST -3, PONT 11, PST -8, PWT 9, PYT -4, RET 4,
  SAST 2, SCT 4, SGT 8, TAHT -10, TFT 5, TJT 5, TKT 13, TMT 5, TOT 13, TRUT 10, TVT 12, UCT 0, ULAT 8, UT 0, UTC 0, UYT -3, UZT 5, VET -4,
  VLAT 10, VOLT 3, VUT 11, WAKT 12, WAT 1, WET 0, WFT 12, WGT -3, XJT 6, YAKT 9, YAPT 10, YEKT 5, Z 0, ZULU 0`;
const DAYLIGHT = `
  ACDT 10:30, ACSST 10:30, ADT -3, AEDT 11, AESST 11, AKDT -8, ALMST 7, AMST -3, ANAST 12, ARST -2, AWSST 9, AZOST 0, AZST 5, BDST 2,
  BRST -2, BST 1, CADT 10:30, CDT -5, CEST 2, CETDST 2, CHADT 13:45, CLST -3, EASST -5, EDT -4, EEST 3, EETDST 3, EGST 0, FJST 13,
  FKST -3, FNST -1, GEST 4, IDT 3, IRKST 8, KDT 10, KGST 6, KRAST 7, LHDT 11, MAGST 12, MDT -6, MEST 2, MESZ 2, METDST 2, MSD 4, MUST 5,
  NDT -2:30, NOVST 7, NZDT 13, OMSST 7, PDT -7, PETST 12, PKST 6, PMDT -2, PYST -3, SADT 10:30, ULAST 9, UYST -2, UZST 6, VLAST 11,
  WADT 8, WAST 2, WDT 9, WEST 1, WETDST 1, WGST -2, YAKST 9, YEKST 6`;

function readZones(text: string, isDaylight: boolean): [string, ZoneAbbreviation][] {
  return text.split(',').map((entry) => {
    const [name = '', offset = ''] = entry.trim().split(' ');
    const [hours = '', minutes = '0'] = offset.split(':');
    const size = Math.abs(Number(hours)) * 60 + Number(minutes);
    return [name.toLowerCase(), { minutes: offset.startsWith('-') ? -size : size, isDaylight }];
  });
}

/** By their names in lower case. */
export const ZONE_ABBREVIATIONS: Readonly<Record<string, ZoneAbbreviation>> = Object.fromEntries(
  [...readZones(STANDARD, false), ...readZones(DAYLIGHT, true)].sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** Minutes east of UTC of an abbreviation such as PST. */
export const abbreviationMinutes = (name: string): number | undefined => {
  const lower = name.trim().toLowerCase();
  return Object.hasOwn(ZONE_ABBREVIATIONS, lower) ? ZONE_ABBREVIATIONS[lower]?.minutes : undefined;
};
