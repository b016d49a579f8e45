//! Words that give a language away: what a sentence of it can hardly do without.
//!
//! Articles, prepositions, pronouns, auxiliary verbs and the like, and what people write in comments ("thank you",
//! "agree"). A list of names or of places, in any language, has next to none of them. Words of one letter are left
//! out: they are initials, list markers and kisses as often as words.

use whatlang::Lang;

/// A language other than English and its words.
pub(super) struct Listed {
    /// ISO 639-1.
    pub(super) code: &'static str,
    /// Its name in English.
    pub(super) name: &'static str,
    /// What whatlang calls it; empty where whatlang does not know it.
    pub(super) langs: &'static [Lang],
    /// Its words in lower case, parted by white space; unaccented spellings stand beside the accented ones where
    /// people leave accents out.
    pub(super) words: &'static str,
}

/// English words, among them those of dialects, text messages and mistyping.
///
/// The last paragraph holds no words of grammar, but English words, abbreviations and names that are spelt like words
/// of grammar elsewhere. They are listed so that they speak for nobody.
pub(super) const ENGLISH: &str = "
the and of to that they this with have what from you your are was were been be being which their there these
those would will could should can can't couldn't shouldn't wouldn't won't don't doesn't didn't isn't aren't
wasn't weren't hasn't haven't hadn't has had having who whom whose when where how why it it's its is in on at by
for as if or an not but so we we're we've we'll us our ours he he's she she's him his her hers they're they've
they'll them then than i'm i've i'll i'd you're you've you'll my mine me one two three all any some no yes do
does did done doing am about after again against before because between both during each few more most much many
must might may other others only out over own same such too under until up very while into through off just also
even ever every never always here now still back down like get gets got getting go goes going gone went come
comes coming came make makes making made know knows knew known think thinks thinking thought say says said
saying see sees saw seen want wants wanted need needs needed take takes took taken give gives gave given tell
told ask asked let let's keep put work works worked people person man men woman women time times year years day
days week weeks month today tomorrow yesterday way well good bad better best worse worst great right wrong new
old last next first long little big nothing something anything everything nobody somebody anybody everyone
someone anyone another really please thanks thank sorry hope agree agreed disagree post blog comment anonymous
staff manager managers management job jobs pay money report reports case cases team company companies client
clients offender offenders risk since though although however whether without within around away yet maybe
perhaps quite rather almost enough less least several half lot lots shame disgrace joke mean means meant happen
happens happened happening word words read reading hear heard listen call called calls help helped helps find
found leave leaving left try tried trying feel feeling felt asking asks telling tells write writing wrote
written talk talking talked believe believed understand understood remember forget lose losing lost stop stopped
start started paying paid care cares cared live living lived wait waiting waited support supported change
changed changes whole full open true false real sure different important possible able clear easy hard early
late high low far free course question answer point reason problem problems issue issues thing things ways place
part kind life world fact idea truth example number end side else once soon often later sometimes together ago
themselves ourselves yourself himself herself itself myself whatever whoever instead actually probably certainly
exactly especially unless whilst throughout across along among towards despite regarding including according

dat dis dem dey den deh di da de tek seh nuh nah mi yuh yu fi inna pon wid wha dun gwan ting tings ya man's bruv
innit fam tho thru cos coz cuz bcos becos becuz wiv wot wat wen wer dere ur im ive ill id dont doesnt didnt cant
wont isnt arent wasnt werent havent hasnt couldnt shouldnt wouldnt thats whats theres heres hes shes theyre
youre weve theyve lets gonna wanna gotta gimme dunno kinda sorta ain't aint tryna lemme em 'em yer ye yous youse
yall aye och wee wi wis wisnae wasnae dinnae didnae cannae couldnae shouldnae isnae havenae nae naw oan aboot
oot doon hoose noo whit whae ken kens hae gie gies tae frae fae mair maist ony jist ain oor yersel masel bairn
bairns lass lad howay wor nowt owt summat summit sumat summink tha thee thi thy tha's sithee mesen thissen reet
owd mek mekin int t'other la lah arl boss sound pet canny divvent gan yem bonny us'll nee deed hinny hen pan bin
bins sin fin dim hi ho ha hah haha ah oh eh er um hm hmm ow ooh aha ta tara ma pa nan mam mum mums bo ben dan
ali sam tom una ella mae nia sian al el le san per con pro re ex vs via se si sa son dos las los van von der des
du die dame sale pour main mains mere mares bid ban bar pair pain tout fait fair faire par plus met cause ni nhs
po pm mp mps ai ea ira ie ii iii iv vi vii tv dr mr mrs ms st pc ok yo bro sis hun ing en ac ad et amen uh non
sans nil nul versus vice ditto verbatim sic ipso facto bona fide rota opera area data media extra super sub teh
tehy thier recieve alot alright amongst mad sad bit hot cold ends win use seems seem look looks feels sick sack
sacked tired busy brilliant excellent spot utter absolute absolutely totally completely clearly obviously simply
surely indeed nor

pam ten ca un sous mon com war hat op door alt jo bus bio size kim che co ale jest pod dig sig var bra tack ton
est pas nous gall hay era dice solo prima fare dire dove face fac cum mult tot kay kit hum jab tum biz bet tik
meg seo ach cad don dom tez ze dank wel os mod kin mite pose pace din sen mid oo hip hoe rum bat fort kal dod
beth od lat nas sol hol ami ann ava mars eve papa mama ser bez tak tam kan jak nem minden hans kate air sang mai
chi ti
";

/// The languages in Latin letters other than English that a comment may be in, the likeliest first.
pub(super) const LISTED: [Listed; 23] = [
    Listed {
        code: "cy",
        name: "Welsh",
        langs: &[Lang::Cym],
        words: "yn yr ar ac ei eu ein eich fy dy mae ma mae'n mae'r maen mai sydd sy'n sy oedd roedd roeddwn roeddem
            roeddent bydd byddai byddwn byddan byddaf bod fod wedi wnaeth wneud gwneud wnes cael gael cafodd ges
            ches ddim nid nad nac na'r neu ond os oes does dydy dydi dyw yw ydy ydi ydw ydyn ydych dw dwi rydw
            rydym rydyn rwy rwy'n dydw onid fel hyn hynny hwn hon hwnnw honno hwy nhw chi ti fo i'r i'w o'r o'n
            a'r a'i â'r gyda gyda'r gan gennym gen ganddo ganddi ganddyn drwy trwy dros tros heb wrth rhwng mewn
            ym yng tua ers erbyn hyd ymlaen hefyd eto yma yna yno dyna dyma ble lle pam pryd pwy beth sut faint
            pa pob bob bawb pawb neb rhywun rhywbeth rhai llawer mwy gormod digon iawn mor rhy dweud deud ddweud
            gwybod gwbod meddwl credu gweld mynd dod rhaid rhoi gallu gall allwn gellir dylai dylid dylen ddylai
            ddylen hoffwn diolch croeso cytuno pobl bobl gweithio byth erioed nawr rwan rŵan heddiw fory ddoe
            wythnos blwyddyn flwyddyn nag sdim s'dim smo 'sdim sai amdanon arnon iddyn iddynt iddo iddi atyn
            ohonyn ohonynt eraill fydd fyddai fyddwn hollol wir gwir petai pe tra nes wnawn gwneir teg neithiwr
            sori bore prynhawn cyn wedyn ôl",
    },
    Listed {
        code: "ga",
        name: "Irish",
        langs: &[],
        words: "agus tá ta bhí bhi níl nil an-mhaith raibh bheith beidh bhfuil leis sé sí siad iad mé tú sibh muid
            sinn seo sin ach ag aon ann anseo ansin mar nach gach gan chun ón faoi ar an leo liom leat linn agam
            agat aige aici againn acu orm ort orthu dom duit dúinn duine daoine nuair freisin fós anois arís cad
            cén conas cá céard go maith rinne dhéanamh déanamh eile féin mór bliain bhliain isteach amach ná ní
            níor tar eis éis idir trí dá cúpla chuid cuid nó sna bhfoireann rud rudaí caithfidh chaoi scéal
            éireann gaeilge ina atá den dhá léi fuair bhfuair thug tugadh chuir cuireadh chuaigh tháinig
            rinneadh deir dúirt deirtear air uirthi ionad dó di dóibh chuig chomh thar roimh ba b'fhéidir sula
            má tríd ós athair baile beag móra náire saol rialtas oifig a'n",
    },
    Listed {
        code: "pl",
        name: "Polish",
        langs: &[Lang::Pol],
        words: "nie na się sie że ze jest są sa jak ale tylko za tym przez już juz co dla jednak będzie bedzie oraz
            też tez czy które ktore który ktory która ktora tego bo jeszcze także był byl była byla było bylo
            pod tej niż gdy ten jego jej ich przy może moze kiedy więcej wiecej został jestem jesteś mnie mam ma
            masz mamy mają mi mój moj moja moje ty ja my wy oni ona ono nas wam nam wszystko wszyscy bardzo
            dziękuję dziekuje dzięki proszę prosze dobry dzień nic nikt nigdy zawsze teraz tam tutaj gdzie
            dlaczego ktoś ktos coś cos jakie jaki tak od do po lat rok mówi wiem wie chcę chce trzeba można
            mozna bez więc wiec potem przed innych tych ją",
    },
    Listed {
        code: "ro",
        name: "Romanian",
        langs: &[Lang::Ron],
        words: "și si este sunt nu să sa că ca pe la din cu pentru care mai în de un ce fost au am ai are acest
            această aceasta acesta fie sau dar nici cum lui ei lor noi voi eu tu el ea mi ne va vor le îi ii îl
            il unde când cand cine nimeni nimic mult multe foarte după dupa prin fără fara până pana acum aici
            bine mulțumesc multumesc vă fi doar toate toți toti trebuie face fac meu mea mei tău fratele spune
            știu stiu știe stie stiam ani poate dacă daca",
    },
    Listed {
        code: "fr",
        name: "French",
        langs: &[Lang::Fra],
        words: "le la les de des du un une et est pour dans que qui sur au aux ce cette ces plus pas ne se avec ou
            où mais nous on je vous il elle ils elles peut être etre été ete était etait sont ont avons avez
            avait fait faire comme son sa ses leur leurs aussi tout tous toute toutes deux très tres bien non
            même meme donc entre sans sous moi mon ma mes toi ton tes lui notre votre nos vos ça ca cela ceci
            chez quand quoi rien jamais encore toujours quelque quelqu'un merci beaucoup suis es sommes êtes
            aucun personne c'est j'ai n'est n'a n'ont qu'il qu'on d'accord d'un d'une l'on aujourd'hui par veut
            savent sait dit voir après apres avant trop peu parce pourquoi comment en",
    },
    Listed {
        code: "es",
        name: "Spanish",
        langs: &[Lang::Spa],
        words: "el la los las de del un una unos unas que en por para con no es se su sus al lo como más mas este
            esta está esto estos estas ese esa eso ha han he hay sobre muy todo todos todas cuando ya cada ser
            era fue hasta nos me mi tu te le les si sí entre tiene tengo tienen desde donde porque pero también
            tambien nada nadie siempre nunca ahora aquí aqui gracias hola bien son somos soy estoy estamos están
            estan yo él ella ellos nosotros usted ustedes mucho muchas muchos hacer hace puede pueden sin ni qué
            cómo así hijo vida mejor buen bueno años meses lleva dice saber quiero necesitas información
            informacion",
    },
    Listed {
        code: "pt",
        name: "Portuguese",
        langs: &[Lang::Por],
        words: "de que do da dos das em no na nos nas um uma uns umas com para por pelo pela pelos não nao se os as
            ao aos mais mas como foi são sao está esta estão estou ser tem têm ter já ja ou também tambem seu
            sua seus suas meu minha meus ele ela eles elas nós você voce vocês voces eu isso isto este esse essa
            muito muita muitos bem bom boa quando onde porque obrigado obrigada tudo todos nada ninguém ninguem
            nunca sempre agora aqui até ate há ha depois antes sobre sem nem pode fazer faz vai vou gostei
            parabéns parabens nossa nosso mesmo ainda pessoas anos mês juros",
    },
    Listed {
        code: "de",
        name: "German",
        langs: &[Lang::Deu],
        words: "der die das und ist nicht ein eine einen einem einer eines zu zum zur für fuer mit von vom auf aus
            bei beim nach auch es ich du er sie wir ihr mich mir dich dir uns euch sich den dem des im am an als
            wie wenn aber oder doch noch nur schon so sehr mehr hier da dann dass daß weil war waren wird werden
            wurde worden hat habe haben hatte kann können koennen muss müssen soll will wollen über ueber unter
            vor durch gegen ohne um kein keine keinen was wer wo warum immer nie nichts alle alles man mein
            meine dein unser unsere ihre seine dieser diese dieses jetzt danke vielen dank wenigstens etwas
            jemand leute leuten sind bin machen gut ganz beitrag",
    },
    Listed {
        code: "it",
        name: "Italian",
        langs: &[Lang::Ita],
        words: "il lo la gli le di da del della dello dei delle degli dal dalla al alla ai alle nel nella nei nelle
            sul sulla con per tra fra un uno una che chi non e' si sono sei siamo era erano ha ho hanno abbiamo
            avere essere stato stata come più piu anche ma se quando dove perché perche cosa questo questa
            questi queste quello quella mio mia miei tuo suo sua loro noi voi lui lei io mi ti ci vi ne molto
            davvero tutto tutti niente nessuno mai sempre ancora adesso ora qui già grazie mille bene ben buon
            fare fatto dire detto può posso vuole solo senza dopo prima poi così cosi anni oggi",
    },
    Listed {
        code: "nl",
        name: "Dutch",
        langs: &[Lang::Nld],
        words: "de het een van en in is op te dat die dit deze niet zijn was voor met aan er om door ook maar als
            bij uit naar dan nog wel geen wij we ik jij je hij zij ze hun hen haar ons onze mijn jouw uw heeft
            hebben heb had worden wordt werd waren kan kunnen moet moeten zou zal wil willen gaan gaat doen veel
            meer heel helemaal alles iets niets niemand altijd nooit nu hier daar waar wie wat waarom hoe omdat
            over tegen zonder onder tussen eens bedankt goed precies hetzelfde zich",
    },
    Listed {
        code: "sv",
        name: "Swedish",
        langs: &[Lang::Swe],
        words: "och att det som är en ett på för av med den inte till har de om var vi jag du han hon ni dem oss mig
            dig sig min mitt mina din hans hennes vår vårt men eller så också när där här hur vad vem varför
            från efter över under mellan mot utan ut upp in kan ska skulle kommer blir blev måste vill vara
            varit hade nu bara mycket mer alla allt ingen inget någon något några aldrig alltid tack bra precis
            hos man än två år",
    },
    Listed {
        code: "da",
        name: "Danish or Norwegian",
        langs: &[Lang::Dan, Lang::Nob],
        words: "og at det som er en et på for af med den ikke til har de om var vi jeg du han hun dem os mig dig sig
            min mit mine din hans hendes vores men eller så også når der her hvor hvad hvem hvorfor fra efter
            over under mellem mod uden ud op kan skal skulle kommer bliver blev må vil være været havde nu kun
            meget mere alle alt ingen noget nogen nogle aldrig altid tak godt to år",
    },
    Listed {
        code: "lt",
        name: "Lithuanian",
        langs: &[Lang::Lit],
        words: "ir yra kad iš su tai kaip ne bet ar už dėl nuo po prie apie per jau dar tik labai ačiū aciu aš tu
            jis ji mes jūs jie mano tavo jo jos mūsų jūsų savo kuris kuri kurie šis ši tas ta viskas nieko
            niekas visada dabar čia ten kas ką kur kada kodėl gali buvo bus būti turi nėra metai metų metus
            dveji brolis jei arba nes",
    },
    Listed {
        code: "cs",
        name: "Czech or Slovak",
        langs: &[Lang::Ces, Lang::Slk],
        words: "se je na že to jsou jsem jsme není ale by do od po pro při jak jako když protože nebo také taky už
            jen ještě velmi byl byla bylo byli bude budou být má mám máme mají který která které kteří co kdo
            kde kdy proč nic nikdo nikdy vždy teď tady tam děkuji díky ten ta toto tento tato můj moje náš naše
            nás nám jejich jeho její já ty my vy oni za nad pod mezi bez si som sme sú ako keď pretože alebo
            tiež ešte veľmi ďakujem stejné úplně bol",
    },
    Listed {
        code: "hr",
        name: "Croatian, Bosnian or Serbian",
        langs: &[Lang::Hrv],
        words: "je se na da su za nije sam smo ste nisu ali kao što sto koji koja koje kako ako ili samo već vec još
            jos sve svi ništa nista nitko niko uvijek uvek nikad sada ovdje ovde tamo gdje gde kada zašto zasto
            hvala vrlo veoma bio bila bilo bili biti ima imam imaju može mogu moj moja moje njegov njihov naš
            nas nam mi vi oni ona ono ja ti od do iz po bez nakon poslije posle između jer kad te ovo taj ta to
            bih godina godine",
    },
    Listed {
        code: "hu",
        name: "Hungarian",
        langs: &[Lang::Hun],
        words: "az és es hogy nem is van egy ez ezt azt meg már mar csak még de ha mint vagy volt lesz vannak lehet
            kell nekem neki nekünk én te mi ti ők aki ami amely mert köszönöm koszonom nagyon jó minden mindig
            soha senki semmi itt ott most akkor hol mikor miért ki mit után alatt között nélkül szerint nálunk
            ugyanez cikket vele azért több",
    },
    Listed {
        code: "sq",
        name: "Albanian",
        langs: &[],
        words: "të te dhe në ne një nje për per është eshte që qe nga me si më ka kam kanë jam janë jane ishte nuk
            kjo ky ata ajo ai unë ti ju tyre tij saj im ime shumë shume por edhe kur ku çfarë cfare pse kush
            askush asgjë gjithë mund duhet do pas prej deri vetëm tani këtu atje faleminderit mirë mire ose se
            tek vitesh vjet vëllai kështu",
    },
    Listed {
        code: "so",
        name: "Somali",
        langs: &[],
        words: "oo iyo ka ku ah ee waa la waxaa uu ay waxay soo waxa wuxuu ayaa lagu badan kale loo laga si dadka
            ama tahay ahaa leh yahay aan af ahaan marka dad waxaana inuu kii dib ilaa ayuu yihiin aad ayaan
            waxaan ma mana jiro jirin qof cid wax walba had hadda halkan mahadsan tihiin fiican aniga adiga
            isaga iyada annaga laakiin maxaa",
    },
    Listed {
        code: "tr",
        name: "Turkish",
        langs: &[Lang::Tur],
        words: "ve bir bu için icin ile olarak da de çok cok olan daha sonra büyük her gibi olmak ne ama değil degil
            var yok ben sen biz siz onlar bana sana ona bize size beni seni onu benim senin onun bizim sizin
            kimse hiç hic şey sey şeyi kadar önce şimdi simdi burada orada nasıl nasil neden niçin kim nerede mi
            mı mu mü ki ya veya eğer eger en iyi güzel guzel teşekkür tesekkur tesekkurler teşekkürler ederim
            oldu olmuş olduğu yıl yıldır şu böyle gerçekten insan kardeşim",
    },
    Listed {
        code: "id",
        name: "Indonesian or Malay",
        langs: &[Lang::Ind],
        words: "yang dan dengan di itu untuk ini tidak tak orang akan dari dalam pada mereka dapat telah menjadi ke
            ia juga karena bahwa maka oleh adalah ada lebih sudah aku kemudian tetapi tapi atau sebagai harus
            hari kita kami saya anda kamu bisa hanya banyak semua setiap sekali sangat terima kasih terimakasih
            sekarang bagus gan bagi para secara tanpa dapatkan daftar agar jika kalau lagi belum sedang dia nya
            apa siapa mana situs agen terpercaya pesan",
    },
    Listed {
        code: "vi",
        name: "Vietnamese",
        langs: &[Lang::Vie],
        words: "và các của có là với được cho không những trong để công người một học bạn khi hàng đã thể về hiện
            đến việc nhà như ra thực nhất cần phải sự này tại cũng kết nhiều giá vào trên bộ từ hơn rất bài viết
            cảm ơn tôi chúng ta mình anh chị em gì đó thì mà nếu đang sẽ vì rồi hay quá lại chỉ đây tốt dịch vụ
            liên hệ ngay miễn phí",
    },
    Listed {
        code: "tl",
        name: "Tagalog",
        langs: &[Lang::Tgl],
        words: "ang ng mga sa na ay at ko mo ka siya sila kami kayo tayo namin natin inyo inyong akin iyon iyan ito
            para kung hindi wala walang may mayroon ako ikaw niya nila ni kay po opo salamat din rin lang pa ba
            nga naman kasi dahil pero kaya dito doon saan kailan bakit paano ano sino lahat marami maraming
            aming ating tungkol hanggang habang",
    },
    Listed {
        code: "ur",
        name: "Urdu or Hindi in Latin letters",
        langs: &[],
        words: "hai hain tha thi thay mein mai main aur nahi nahin kya kyun kyu kyon ka ki ke ko se par bhi toh yeh
            woh wo ye mera meri mere tera teri tere hum humein hamara hamare hamari aap aapka aapki tum tumhara
            koi kuch sab bohat bahut bohot acha accha achha shukriya dhanyavad mujhe usko unko usne unhone kar
            karna karte karta karo raha rahe rahi gaya gaye hoga hota hoti hote liye wala wale wali abhi kab
            kahan kaise jab agar lekin magar phir apna apne apni sunta bhai",
    },
];
