"""Placeholders in name fields, and mailboxes of a department or a role.

A CRM requires a last name, so exports and people enter something. The word lists are this project's, collected from
what CRMs, importers and spreadsheets write; missing words are added here.
"""

import re

from onboarding.model.identity import plain_letters


def _set(words: str) -> frozenset[str]:
    return frozenset(map(plain_letters, words.split()))


_PLACEHOLDERS = _set(
    """
    null nil none nan na nulo undefined unknown unk unnamed anonymous missing empty blank tbd tba tbc todo placeholder
    dummy test tests testing tester testuser notprovided notavailable notapplicable notgiven notset
    notspecified notknown
    noname nofirstname nolastname nonamegiven nodata novalue firstname lastname firstlast fullname surname
    unbekannt unbekannte unbekannter keine keiner keinname keineangabe keineangaben ohnename leer nichtangegeben
    nichtbekannt nichtverfugbar nichtvorhanden vorname nachname platzhalter
    inconnu inconnue aucun aucune neant nonrenseigne nonrenseignee nonfourni nonprecise
    nondisponible sansnom vide prenom
    desconocido desconocida ninguno ninguna sinnombre sinapellido sindatos nodisponible noproporcionado noespecificado
    noaplica vacio nombre apellido pordefinir sconosciuto sconosciuta nessuno nonfornito
    nonspecificato nondisponibile vuoto
    onbekend onbekende geen geennaam nietbekend
    nietingevuld nietopgegeven nietbeschikbaar nvt leeg voornaam achternaam
    desconhecido desconhecida nenhum nenhuma semnome naoinformado naodisponivel naoespecificado naoaplicavel vazio
    okand ukjent ukendt ingen ingennamn ikkeoppgitt ikkeangivet tuntematon eitiedossa nieznany nieznana niepodano brak
    neznamy neznama neuvedeno zadny ismeretlen nincs necunoscut bilinmiyor bilinmeyen yok adsiz belirtilmemis
    неизвестно неизвестный неизвестная неуказано нет тест отсутствует невідомо αγνωστο αγνωστος
    不明 未知 未定 無 无 無名 なし 未入力 未設定 テスト 测试 測試 暂无 없음 미정 미상 불명 테스트
    غيرمعروف غيرمحدد לאידוע
    asdf asdfg asdfgh qwerty foo foobar lorem loremipsum xx nn ka nc fname lname name
    """
)
_ONLY_UNCAPITALISED = frozenset({"na", "nil", "nan", "ka", "nc", "nn"})
"""Placeholders, unless written like a name: Na, Nil and Nan are given names."""
_BESIDE_PLACEHOLDERS = _set(
    """user contact customer client person name kontakt kunde nutzer benutzer cliente contacto contato client utente
    utilisateur usuario lead record entry account new no
    not given first last provided available the of nicht angegeben
    bekannt"""
)

_MAILBOX = _set(
    """
    payable payables receivable receivables accounting bookkeeping invoices invoicing procurement purchasing helpdesk
    servicedesk support info infos information informations webmaster postmaster noreply donotreply reception
    frontdesk department dept operations marketing finance payroll compliance team mailbox inbox enquiries inquiries
    buchhaltung rechnungswesen rechnungen rechnung rechnungseingang einkauf kreditoren debitoren verwaltung empfang
    sekretariat vertrieb zentrale geschaftsfuhrung geschaftsleitung abteilung kundendienst kundenservice technik
    personalabteilung beschaffung finanzen controlling
    comptabilite comptable facturation achats accueil secretariat informatique direction
    contabilidad facturacion compras administracion recepcion soporte ventas tesoreria secretaria finanzas informatica
    contabilita amministrazione acquisti ufficio fatturazione assistenza segreteria vendite
    boekhouding administratie inkoop crediteuren debiteuren facturen klantenservice receptie verkoop financien
    contabilidade financeiro faturamento suporte administracao recepcao vendas
    ekonomi ekonomiavdelningen kundtjanst fakturor inkop
    bogholderi indkob regnskap innkjop kundeservice taloushallinto
    ksiegowosc zakupy biuro sekretariaat fakturace ucetni nakup podpora muhasebe satinalma destek
    бухгалтерия закупки поддержка отдел приемная 経理 総務 購買
    人事 財務 情報システム サポート 财务 采购 客服 행정 회계 구매
    """
)
_MAILBOX_END = ("abteilung", "buchhaltung", "helpdesk", "department", "avdelning", "afdeling", "部", "課", "팀", "부서")
_WITH_MAILBOX = _set(
    """
    accounts account ap ar it ict edv hr rh human resources
    people sales billing contact kontakt contacto contato office
    buro admin admins administrator administration administrateur administrador system systems security legal service
    services servicio servicios servizio servizi customer client clients success care desk help hello hallo mail email
    office general main shared group global central digital data network infrastructure tech technical technology
    management manager executive board project projects pmo logistics quality production engineering development
    devops web online shop order orders personal personalwesen recht versand lager recursos humanos risorse umane
    ressources humaines of and the for und der die fur de la le les des du et el los y al del di e dei da do
    atencion attenzione clienti clientes kunden user users
    """
)
_COMPANY = _set("gmbh inc ltd llc corp corporation plc srl sarl limited incorporated mbh pvt")

_PARTICLES = _set("de la le les des du el los al del di e dei da do der die y et")

_REMARK = re.compile(r"\[[^\]]*\]|<[^>]*>|\{[^}]*\}")
_FORMULA = re.compile(r"#[A-Z/0]+[!?]?")
_AROUND = " -_*|%$#!/\\'\"}>]"
_UNLIKE_A_NAME = re.compile(r"[@{}<>\[\]|%$#=\\_^~\d]|https?:|www\.")


def is_placeholder(text: str) -> bool:
    """Return whether the text stands for an unknown name: ``[not provided]``, ``n/a``, ``-``, ``tbd``, or empty."""
    text = text.strip()
    plain = plain_letters(text)
    if not plain or _spelt(plain, text) or _FORMULA.fullmatch(text):
        return True
    if 2 < len(plain) < 9 and len(set(plain)) == 1 and plain.isascii() and plain.isalpha():
        return True
    if not _REMARK.sub("", text).strip(_AROUND):
        return True
    words = [(letters, word) for word in re.split(r"[\s,;_-]+", text) if (letters := plain_letters(word))]
    known = [_spelt(letters, word) for letters, word in words]
    return any(known) and all(
        one or letters in _BESIDE_PLACEHOLDERS for one, (letters, _) in zip(known, words, strict=True)
    )


def is_mailbox(text: str) -> bool:
    """Return whether the text names a department, a role or a company rather than a person: ``Accounts Payable``, ``IT
    Support``."""
    words = _words(text)
    return is_certainly_no_person(text) or (
        bool(words) and all(word in _WITH_MAILBOX for word in words) and words[0] not in _PARTICLES
    )


def is_certainly_no_person(text: str) -> bool:
    """Return whether a word of it is in no person's name: ``Payable``, ``Helpdesk``, ``GmbH``; ``Sales`` is a
    surname."""
    return any(word in _MAILBOX or word in _COMPANY or word.endswith(_MAILBOX_END) for word in _words(text))


def is_unlike_a_name(text: str) -> bool:
    """Return whether it holds what no name does: an address, digits, or the syntax of an unfilled template."""
    return _UNLIKE_A_NAME.search(text) is not None


def _words(text: str) -> list[str]:
    return [word for part in re.split(r"[\s,;/&+.()_-]+", text) if (word := plain_letters(part))]


def _spelt(plain: str, text: str) -> bool:
    if plain not in _PLACEHOLDERS:
        return False
    return plain not in _ONLY_UNCAPITALISED or not (text.isalpha() and text.istitle())
