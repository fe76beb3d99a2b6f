"""Two-character surnames, so that a mask keeps the surname whole."""

_JOINED = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶"
    "太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
    "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生左丘东门西门第五"
)
COMPOUND_SURNAMES = frozenset(_JOINED[place : place + 2] for place in range(0, len(_JOINED), 2))
