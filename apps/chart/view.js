import {say} from "../shared/say.js";

say("chart");
