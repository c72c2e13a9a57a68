"""A file or pasted text as plain text. Called by the commands and the upload page, before the reader."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath

from django.utils.translation import gettext as _
from docx import Document
from lxml import etree, html

MAX_BYTES = 1_000_000
_MAX_ENTRIES = 2_000
_MAX_UNPACKED = 20_000_000
_MAX_PART = 8_000_000
_CONTROL = frozenset(range(32)) - {9, 10, 11, 12, 13, 27}
_BLOCKS = frozenset(
    "address article aside blockquote body br center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul".split()
)
_UNREAD = ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "mp-style-type")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class SourceError(Exception):
    """The data cannot be taken as a text; the message says why, for a person."""


def text_of(name: str, data: bytes) -> str:
    """The text of `data` by the ending of `name` (.txt, .md, .html, .htm, .docx; anything else is plain text).

    Raises SourceError for an empty or too large file, one that is not what its name says, and bytes of no known encoding.
    """
    if len(data) > MAX_BYTES:
        raise SourceError(_("The text is larger than %(limit)s MB (the limit).") % {"limit": MAX_BYTES // 1_000_000})
    ending = PurePath(name).suffix.lower()
    if ending == ".docx":
        text = _from_docx(data)
    elif ending in (".html", ".htm"):
        text = _from_html(decoded(data))
    elif ending in (".txt", ".md", ".markdown", ""):
        text = decoded(data)
    else:
        raise SourceError(_("Only .txt, .md, .html and .docx files are read."))
    if not text.strip():
        raise SourceError(_("The text is empty."))
    return text


def decoded(data: bytes) -> str:
    """Bytes as text: by byte order mark, else UTF-8, UTF-16 where its zero bytes or its Chinese show it, GB18030, Big5."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(data, encoding) or _refuse()
    text = _decode(data, "utf-8")
    if text is not None and _reads_well(text):
        return text
    guesses = ((encoding, _decode(data, encoding)) for encoding in ("utf-16-le", "utf-16-be", "gb18030", "big5"))
    likely = {encoding: guess for encoding, guess in guesses if guess is not None and _reads_well(guess)}
    best = max(likely, key=lambda encoding: _chinese_share(likely[encoding]), default="")
    if not best or _chinese_share(likely[best]) < _SURE:
        _refuse()
    return likely[best]


_SURE = 0.5
# The characters that Chinese running text cannot do without; a wrong decoding seldom hits one.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严首底液官德随病苏失尔死讲配女黄推显谈罪神艺呢席含企望密批营项防举球英氧势告李台落木帮轮破亚师围注远字材排供河态封另施减树溶怎止案言士均武固叶鱼波视仅费紧爱左章早朝害续轻服试食充兵源判护司足某练差致板田降黑犯负击范继兴似余坚曲输修故城夫够送笔船占右财吃富春职觉汉画功巴跟虽杂飞检吸助升阳互初创抗考投坏策古径换未跑留钢曾端责站简述钱副尽帝射草冲承独令限阿宣环双请超微让控州良轴找否纪益依优顶础载倒房突坐粉敌略客袁冷胜绝析块剂测丝协诉念陈仍罗盐友洋错苦夜刑移频逐靠混母短皮终聚汽村云哪既距卫停烈央察烧迅境若印洲刻括激孔搞甚室待核校散侵吧甲游久菜味旧模湖货损预阻毫普稳乙妈植息扩银语挥酒守拿序纸医缺雨吗针刘啊急唱误训愿审附获茶鲜粮斤孩脱硫肥善龙演父渐血欢械掌歌沙刚攻谓盾讨晚粒乱燃矛乎杀药宁鲁贵钟煤读班伯香介迫句丰培握兰担弦蛋沉假穿执答乐谁顺烟缩征脸喜松脚困异免背星福买染井概慢怕磁倍祖皇促静补评翻肉践尼衣宽扬棉希伤操垂秋宜氢套督振架亮末宪庆编牛触映雷销诗座居抓裂胞呼娘景威绿晶厚盟衡鸡孙延危胶屋乡临陆顾掉呀灯岁措束耐剧玉赵跳哥季课凯胡额款绍卷齐伟蒸殖永宗苗川炉岩弱零杨奏沿露杆探滑镇饭浓航怀赶库夺伊灵税途灭赛归召鼓播盘裁险康唯录菌纯借糖盖横符私努堂域枪润幅哈竟熟虫泽脑壤碳欧遍侧寨敢彻虑斜薄庭纳弹饲伸折麦湿暗荷瓦塞床筑恶户访塔奇透梁刀旋迹卡氯遇份毒泥退洗摆灰彩卖耗夏择忙铜献硬予繁圈雪函亦抽篇阵阴丁尺追堆雄迎泛爸楼避谋吨野猪旗累偏典馆索秦脂潮爷豆忽托惊塑遗愈朱替纤粗倾尚痛楚谢奋购磨君池旁碎骨监捕弟暴割贯殊释词亡壁顿宝午尘闻揭炮残冬桥妇警综招吴付浮遭徐您摇谷赞箱隔订男吹园纷唐败宋玻巨耕坦荣闭湾键凡驻锅救恩剥凝碱齿截炼麻纺禁废盛版缓净睛昌婚涉筒嘴插岸朗庄街藏姑贸腐奴啦惯乘伙恢匀纱扎辩耳彪臣亿璃抵脉秀萨俄网舞店喷纵寸汗挂洪贺闪柬爆烯津稻墙软勇像滚厘蒙芳肯坡柱荡腿仪旅尾轧冰贡登黎削钻勒逃障氨郭峰币港伏轨亩毕擦莫刺浪秘援株健售股岛甘泡睡童铸汤阀休汇舍牧绕炸哲磷绩朋淡尖启陷柴呈徒颜泪稍忘泵蓝拖洞授镜辛壮锋贫虚弯摩泰幼廷尊窗纲弄隶疑氏宫姐震瑞怪尤琴循描膜违夹腰缘珠穷森枝竹沟催绳忆邦剩幸浆栏拥牙贮礼滤钠纹罢拍咱喊袖埃勤罚焦潜伍墨欲缝姓刊饱仿奖铝鬼丽跨默挖链扫喝袋炭污幕诸弧励梅奶洁灾舟鉴苯讼抱毁懂寒智埔寄届跃渡挑丹艰贝碰拔爹戴码梦芽熔赤渔哭敬颗奔铅仲虎稀妹乏珍申桌遵允隆螺仓魏锐晓氮兼隐碍赫拨忠肃缸牵抢博巧壳兄杜讯诚碧祥柯页巡矩悲灌龄伦票寻桂铺圣恐恰郑趣抬荒腾贴柔滴猛阔辆妻填撤储签闹扰紫砂递戏吊陶伐喂疗瓶婆抚臂摸忍虾蜡邻胸巩挤偶弃槽劲乳邓吉仁烂砖租乌舰伴瓜浅丙暂燥橡柳迷暖牌秧胆详簧踏瓷谱呆宾糊洛辉愤竞隙怒粘乃绪肩籍敏涂熙皆侦悬掘享纠醒狂锁淀恨牲霸爬赏逆玩陵祝秒浙貌"
    "國發產業務這個為與會來時說對開關經現實點從應還進機體電動號質氣條無專據處區"
)


def _chinese_share(text: str) -> float:
    """The share of common Chinese characters among all that are not ASCII."""
    foreign = [char for char in text if ord(char) > 127 and not char.isspace() and not 0x3000 <= ord(char) <= 0x303F and ord(char) < 0xFF00]
    return sum(char in _COMMON for char in foreign) / len(foreign) if foreign else 0.0


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _reads_well(text: str) -> bool:
    """No control characters but a stray few, as in no picture, archive or wrong decoding."""
    return sum(ord(char) in _CONTROL for char in text) * 200 <= len(text)


def _refuse() -> str:
    raise SourceError(_("The encoding is not known: save the text as UTF-8 and try again."))


def _from_html(source: str) -> str:
    """Lines as a browser breaks them, without scripts, styles and the head."""
    if not source.strip():
        return ""
    try:
        tree = html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(_("This is no readable HTML.")) from error
    etree.strip_elements(tree, etree.Comment, etree.ProcessingInstruction, *_UNREAD, with_tail=False)
    pieces: list[str] = []
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        block = node.tag in _BLOCKS
        if event == "start":
            pieces += ["\n" if block else "", _one_line(node.text)]
        else:
            pieces += ["\n" if block else "", _one_line(node.tail)]
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _one_line(text: str | None) -> str:
    return " ".join(text.split()) if text and not text.isspace() else ""


def _from_docx(data: bytes) -> str:
    """Paragraphs and table cells in their order, one a line."""
    _check_archive(data)
    try:
        body = Document(io.BytesIO(data)).element.body
    except Exception as error:  # python-docx answers a broken package with errors of its own, of lxml, zipfile and KeyError
        raise SourceError(_("This is no Word file (.docx).")) from error
    return "\n".join(_paragraph(paragraph) for paragraph in body.iter(f"{_WORD}p"))


def _paragraph(paragraph: etree._Element) -> str:
    words = []
    for node in paragraph.iter(f"{_WORD}t", f"{_WORD}br", f"{_WORD}tab"):
        words.append(node.text or "" if node.tag == f"{_WORD}t" else "\n" if node.tag == f"{_WORD}br" else " ")
    return "".join(words)


def _check_archive(data: bytes) -> None:
    """Refuse what is no archive, or declares more than a newsletter needs, before a byte is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise SourceError(_("This is no Word file (.docx).")) from error
    parts = [entry for entry in entries if entry.filename.endswith((".xml", ".rels"))]
    if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_UNPACKED or any(entry.file_size > _MAX_PART for entry in parts):
        raise SourceError(_("This Word file unpacks to more than is accepted."))
