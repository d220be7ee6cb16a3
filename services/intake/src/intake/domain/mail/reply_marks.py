"""What mail programs write around an answer, in the languages they speak: lines that introduce a quote, headers of the
mail that is answered, delimiters, and the advertisements of telephones."""

import re
from enum import StrEnum

MAX_LINE = 400
"""Longer lines are text: nobody's mail program writes them, and patterns take long over them."""


class Mark(StrEnum):
    TEXT = "t"
    BLANK = "e"
    QUOTE = "q"
    INTRO = "i"
    HEADER = "h"
    DELIMITER = "d"
    ADVERT = "s"


_WROTE = (
    r"wrote|writes|schrieb|geschrieben|a [ée]crit|escribi[óo]|ha scritto|scrisse|escreveu|schreef|geschreven|skrev"
    r"|napisał|napisał\(a\)|napisała|napisal|napsal|napsal\(a\)|написал|написал\(а\)|написала|пишет|писал|написав|kirjoitti|yazdı"
    r"|şunu yazdı|a scris|írta|ezt írta|đã viết|έγραψε|va escriure|je napisao|напис[аа]|skrifaði|menulis|kirjutas"
    r"|写道|寫道|写到|撰寫|撰写|님이 작성|님이 씀|작성|のメール|書きました|geschreven|:wrote"
)
_SAID = re.compile(
    rf"(?:{_WROTE})\s*[:：]?\s*(?:-{{2,}})?\s*$"
    # Some name the writer after the verb, some write no verb at all.
    r"|\s(?:schrieb|skrev|schreef|kirjoitti|napsal)\s.{1,120}[:：]$"
    r"|>\s*[:：]$|\d[:：]?\s*\S{0,80}@\S{1,80}>?\s*[:：]$",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"^[\s>\-_*]{0,8}(?:(?:on|le|am|el|il|em|op|den|dnia|w dniu|på|pe|dne|vào|dana|στις|в|a|la|ma|tr[eê]n|kl|tanggal)\s"
    r"|在|于|於|\d{1,4}\s?[-./年]\s?\d|\d{1,2}\.?\s\w{3,12}\.?\s\d{4}|\w{2,14},?\s\d{1,2}\.?\s\w{3,12}\.?\s\d{4})",
    re.IGNORECASE,
)
_SAYS_WHO = re.compile(
    rf"^[\s\-_*]{{0,8}}\S.{{0,200}}(?:<[^<>\s]{{1,200}}@[^<>\s]{{1,200}}>|\d{{4}}).{{0,60}}?(?:{_WROTE})\s*[:：]$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^[\s*_]{0,4}(?:from|to|cc|bcc|sent|date|subject|reply[- ]?to|importance|attachments|organization|mailed[- ]by"
    r"|von|an|gesendet|datum|betreff|antwort an|de|à|a|para|cc[io]|envoy[ée]|objet|date d'envoi|répondre à"
    r"|enviado(?: el| em)?|asunto|fecha|assunto|data|da|inviato|oggetto|risposta|rispondi a|per"
    r"|van|aan|verzonden|onderwerp|från|till|skickat|ämne|fra|til|sendt|emne|dato|lähettäjä|vastaanottaja|aihe|päivä"
    r"|od|do|wysłano|temat|kopia|odesláno|komu|předmět|kimden|kime|konu|tarih|gönderildi|от|кому|отправлено|тема|дата"
    r"|копия|発信者|差出人|宛先|送信日時|件名|日付|보낸 사람|받는 사람|보낸 날짜|제목|날짜"
    r"|发件人|寄件者|寄件人|收件人|收件者|抄送|副本|发送时间|發送時間|发送日期|日期|時間|时间|主题|主旨|主題|回复|回覆)"
    r"[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|$|\S)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(
    r"^\s*(?:[-*#~=_+—–ᐧ·․•]{2,}|[—–ᐧ]|-{2,}\s?\w[^-]{2,60}?\s?-{2,}|_{2,}\s?\w[^_]{2,60}?\s?_{2,}"
    r"|(?:begin|start of|end of)\s(?:forwarded|original)\smessage\s?[:：]?|(?:original|forwarded)\smessage\s?[:：]?"
    r"|[-=>\s]{0,10}(?:reply above this line|write above this line|please reply above)[-=<\s\w]{0,40})\s*$",
    re.IGNORECASE,
)
_DEVICE = (
    r"iphone|ipad|ipod|android|blackberry|galaxy|mobile|phone|cell|tablet|device|mailbox|airmail|outlook|yahoo|windows|mail"
    r"|alcatel|samsung|htc|nokia|huawei|honor|xiaomi|redmi|oppo|vivo|motorola|nexus|pixel|lg|sony|xperia|lumia|ti-\d+|mobil"
)
_ADVERTS = (
    r"\S{0,40}\s?from (?:my |a )?(?:" + _DEVICE + r")\b.{0,60}",
    r"[(<\[]{0,2}sent (?:from|via|with|by|using|on)\b.{1,120}",
    r"(?:get|download) \[?outlook for\b.{1,120}",
    r"envoy[ée] (?:de|depuis|à partir de|avec)\b.{1,100}",
    r"(?:diese (?:nachricht|e-?mail) wurde )?von (?:meinem|unterwegs|mobil)\b.{1,100}gesendet.{0,20}",
    r"gesendet (?:von|mit|über)\b.{1,100}",
    r"diese nachricht wurde von\b.{1,100}gesendet\.?",
    r"enviad[oa] (?:desde|do|de|a partir|con)\b.{1,100}",
    r"inviato (?:da|dal|con)\b.{1,100}",
    r"(?:verzonden|verstuurd) (?:met|vanaf|vanuit|van)\b.{1,100}",
    r"(?:skickat|sendt|sent) (?:från|fra) (?:min|mitt|mit|en)\b.{1,80}",
    r"lähetetty\b.{1,80}",
    r"wysłan[eoy] (?:z|ze)\b.{1,80}",
    r"(?:odesláno|odoslané) z\b.{1,80}",
    r"trimis (?:de|din)\b.{1,80}",
    r"(?:отправлено|надіслано) (?:с|з|из|от)\b.{1,80}",
    r".{1,40}(?:'?[ıi]mden|mden|dan) gönderildi\.?",
    r"(?:发自|發自|来自|來自|发送自|傳送自|寄自)\s?.{0,10}?(?:我的|" + _DEVICE + r"|手机|手機|邮箱).{0,60}",
    r"(?:从|從)我的.{1,30}(?:发送|發送|傳送|寄出)",
    r".{1,30}から送信",
    r"나의 .{1,30}에서 보냄|.{1,30}에서 보냄",
)
_ADVERT = re.compile(rf"^\s*(?:{'|'.join(_ADVERTS)})\s*$", re.IGNORECASE)


def mark_of(line: str) -> Mark:
    """Of a line by itself; what introduces a quote may take several (`introduces`)."""
    if not line.strip():
        return Mark.BLANK
    if line.lstrip().startswith((">", "|>", "＞")):
        return Mark.QUOTE
    if len(line) > MAX_LINE:
        return Mark.TEXT
    for pattern, mark in ((_DELIMITER, Mark.DELIMITER), (_ADVERT, Mark.ADVERT), (_HEADER, Mark.HEADER)):
        if pattern.search(line):
            return mark
    return Mark.TEXT


def may_introduce(line: str) -> bool:
    """It begins as the line does that says who wrote what follows, and when."""
    return len(line) <= MAX_LINE and bool(_DATED.match(line) or _SAYS_WHO.match(line))


def introduces(text: str) -> bool:
    """Lines joined to one: with a date or an address, and the verb (or only the address) at their end."""
    return len(text) <= MAX_LINE and any(map(str.isdigit, text)) | ("@" in text) and bool(_SAID.search(text))
